import { describe, expect, test } from 'vitest'
import { earliestOf, reasonOf, type Offer } from '../../src/lib/windows/group'

function offer(id: string, start: string, reasons: Offer['reasons']): Offer {
  return { id, window_start: start, reasons } as Offer
}

describe('why a window is recommended', () => {
  const noon = offer('of_noon', '2026-03-17T16:00:00Z', ['early'])
  // The same day, two hours before, in other words.
  const ten = offer('of_ten', '2026-03-17T10:00:00-04:00', ['least_cost', 'early'])

  test('of the windows on the first day one is the earliest', () => {
    const earliest = earliestOf([noon, ten])
    expect(earliest).toBe(ten)
    expect([noon, ten].map((found) => reasonOf(found, earliest))).toEqual(['early', 'earliest'])
  })

  test('what costs least is nothing to customers', () => {
    expect(reasonOf(offer('of_a', '2026-03-17T14:00:00Z', ['least_cost']), ten)).toBeNull()
    expect(earliestOf([])).toBeNull()
  })
})
