import { expect, test, vi } from 'vitest'

vi.hoisted(() => vi.stubGlobal('location', { origin: 'http://here.test' }))

import { openedLink } from '../../src/track/link'
import { stepOf } from '../../src/track/steps'

test('the token stands behind the hash', async () => {
  const link = openedLink('#token=fol_abc')
  expect(link?.token).toBe('fol_abc')
  expect(await link?.credentials.token()).toBe('fol_abc')
  expect(await link?.credentials.renewed()).toBeNull()
})

test.each(['', '#', '#token=', '#fol_abc'])('%j is no link', (hash) => {
  expect(openedLink(hash)).toBeNull()
})

test('a visit goes through four steps; one that is over otherwise has none', () => {
  expect((['booked', 'on_the_way', 'in_progress', 'done'] as const).map(stepOf)).toEqual([0, 1, 2, 3])
  expect(stepOf('canceled')).toBeNull()
})
