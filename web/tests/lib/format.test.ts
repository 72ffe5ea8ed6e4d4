import { beforeEach, expect, test, vi } from 'vitest'

vi.hoisted(() => {
  vi.stubGlobal('location', { origin: 'http://here.test', search: '' })
  vi.stubGlobal('navigator', { languages: ['en'] })
})

import { dayOf, longDay, shortDay, stopwatch } from '../../src/lib/time/format'
import { heard } from '../../src/lib/time/now.svelte'

const ZONE = 'America/New_York'

beforeEach(() => heard('2026-03-16T12:00:00Z'))

test('a day of another year says which', () => {
  expect(longDay('2026-03-17T14:00:00Z', ZONE)).toBe('Tuesday, March 17')
  expect(longDay('2024-03-17T14:00:00Z', ZONE)).toBe('Sunday, March 17, 2024')
  expect(shortDay('2027-01-04T14:00:00Z', ZONE)).toBe('Mon, Jan 4, 2027')
  expect(dayOf('2025-12-31')).toBe('Wednesday, December 31, 2025')
})

test('the year is that of the territory, for what is told and for the present', () => {
  // Still 2026 in New York, both.
  expect(shortDay('2027-01-01T03:00:00Z', ZONE)).toBe('Thu, Dec 31')
  heard('2027-01-01T03:00:00Z')
  expect(shortDay('2026-12-30T15:00:00Z', ZONE)).toBe('Wed, Dec 30')
  expect(shortDay('2026-12-30T15:00:00Z', 'UTC')).toBe('Wed, Dec 30, 2026')
})

test('what is left of a hold is said to the second', () => {
  expect(stopwatch(598)).toBe('9:58')
  // Two hours but two seconds: a stopwatch of minutes would say 119:58.
  expect(stopwatch(7_198)).toBe('1:59:58')
  expect(stopwatch(0)).toBe('0:00')
})
