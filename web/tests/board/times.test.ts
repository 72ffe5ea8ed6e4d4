import { expect, it } from 'vitest'
import { clockOf, instantOf, spanOf } from '../../src/board/times'

const NEW_YORK = 'America/New_York'

it('reads clocks in the zone of the territory', () => {
  // New York is four hours behind UTC from March 8, 2026, five before.
  expect(new Date(instantOf('2026-03-16', '09:30', NEW_YORK)).toISOString()).toBe('2026-03-16T13:30:00.000Z')
  expect(new Date(instantOf('2026-03-02', '09:30', NEW_YORK)).toISOString()).toBe('2026-03-02T14:30:00.000Z')
})

it('reads them right on the day the clocks change', () => {
  // At 2:00 on March 8 clocks go on to 3:00; at 2:00 on November 1 back to 1:00.
  expect(new Date(instantOf('2026-03-08', '01:30', NEW_YORK)).toISOString()).toBe('2026-03-08T06:30:00.000Z')
  expect(new Date(instantOf('2026-03-08', '12:00', NEW_YORK)).toISOString()).toBe('2026-03-08T16:00:00.000Z')
  expect(new Date(instantOf('2026-11-01', '12:00', NEW_YORK)).toISOString()).toBe('2026-11-01T17:00:00.000Z')
  expect(clockOf(instantOf('2026-11-01', '00:30', NEW_YORK), NEW_YORK)).toBe('00:30')
})

it('says spans as people of the territory read them', () => {
  const from = instantOf('2026-03-16', '09:00', NEW_YORK)
  expect(spanOf({ from, to: from + 2 * 3_600_000 }, NEW_YORK)).toBe('09:00–11:00')
})
