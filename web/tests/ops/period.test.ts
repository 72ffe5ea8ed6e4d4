import { expect, test } from 'vitest'
import { periodOf, searchOf, territoryOf } from '../../src/ops/period'

const TODAY = '2026-03-16'
const TERRITORIES = [{ id: 'te_1' }, { id: 'te_2' }]

test('the territory that is asked for, else the first one', () => {
  expect(territoryOf('?territory=te_2', TERRITORIES)?.id).toBe('te_2')
  expect(territoryOf('', TERRITORIES)?.id).toBe('te_1')
})

test('a link to a territory that is no more leads to one that is', () => {
  expect(territoryOf('?territory=te_9', TERRITORIES)?.id).toBe('te_1')
  expect(territoryOf('?territory=te_9', [])).toBeUndefined()
})

test('four weeks without being asked for others, a quarter at most', () => {
  expect(periodOf('', TODAY, 'te_1')).toEqual({ territoryId: 'te_1', from: '2026-02-17', to: TODAY })
  expect(periodOf('?from=2020-01-01', TODAY, 'te_1').from).toBe('2025-12-15')
})

test('days that make no sense are as by default', () => {
  expect(periodOf('?from=2026-03-20&to=2026-03-10', TODAY, 'te_1').from).toBe('2026-02-11')
  expect(periodOf('?to=tomorrow', TODAY, 'te_1').to).toBe(TODAY)
})

test('what is looked at stands in the address', () => {
  const period = { territoryId: 'te_2', from: '2026-03-01', to: '2026-03-10' }
  expect(periodOf(searchOf(period, 'days'), TODAY, 'te_2')).toEqual(period)
})
