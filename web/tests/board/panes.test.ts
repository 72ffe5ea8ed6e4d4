import { expect, it } from 'vitest'
import { built } from '../../src/board/panes'
import { chosen, placeOf, searchOf, type Territory } from '../../src/board/place'

it('leaves the timeline most of a small window', () => {
  // 1,024 wide: 170 for the list, no map. 1,440 wide: 220 and 389.
  expect(built(1_024)).toMatchObject({ left: 170, map: false, right: 280 })
  expect(built(1_440)).toMatchObject({ left: 220, map: true, right: 389 })
})

it('has territory and date in the address, but for today', () => {
  expect(searchOf('te_1', '2026-03-17', '2026-03-16')).toBe('?territory=te_1&date=2026-03-17')
  expect(searchOf('te_1', '2026-03-16', '2026-03-16')).toBe('?territory=te_1')
  expect(placeOf('?territory=te_1&date=2026-03-17')).toEqual({ territoryId: 'te_1', date: '2026-03-17' })
  expect(placeOf('?date=yesterday')).toEqual({ territoryId: null, date: null })
})

it('shows the territory asked for, else the one looked at last, else the first', () => {
  const all = ['te_1', 'te_2', 'te_3'].map((id) => ({ id }) as Territory)
  expect(chosen(all, 'te_3', 'te_2')!.id).toBe('te_3')
  expect(chosen(all, 'gone', 'te_2')!.id).toBe('te_2')
  expect(chosen(all, null, null)!.id).toBe('te_1')
})
