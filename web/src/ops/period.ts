/** Which days of which territory are looked at; it stands in the address of the page. */
import { plusDays } from '../lib/time/format'

export interface Period {
  territoryId: string
  from: string
  to: string
}

/** Days shown without being asked for others. */
export const DEFAULT_DAYS = 28
/** The API sums up at most so many. */
export const MOST_DAYS = 92

const DATE = /^\d{4}-\d{2}-\d{2}$/

/** The territory that the address asks for; the first one when it names none that is known, undefined = there is none. */
export function territoryOf<T extends { id: string }>(search: string, territories: readonly T[]): T | undefined {
  const asked = new URLSearchParams(search).get('territory')
  return territories.find((known) => known.id === asked) ?? territories[0]
}

/** Read the address; what is not there, or makes no sense, is as it is by default. */
export function periodOf(search: string, today: string, territoryId: string): Period {
  const asked = new URLSearchParams(search)
  const to = asked.get('to') ?? ''
  const last = DATE.test(to) ? to : today
  const from = asked.get('from') ?? ''
  const first = DATE.test(from) && from <= last ? from : plusDays(last, 1 - DEFAULT_DAYS)
  const earliest = plusDays(last, 1 - MOST_DAYS)
  return { territoryId, from: first < earliest ? earliest : first, to: last }
}

export function searchOf(period: Period, tab: string): string {
  const { territoryId, from, to } = period
  return `?${new URLSearchParams({ territory: territoryId, from, to, tab }).toString()}`
}
