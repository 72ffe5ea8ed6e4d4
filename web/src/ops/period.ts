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

/** Read the address; what is not there, or makes no sense, is as it is by default. */
export function periodOf(search: string, today: string, fallback: string): Period {
  const asked = new URLSearchParams(search)
  const to = asked.get('to') ?? ''
  const last = DATE.test(to) ? to : today
  const from = asked.get('from') ?? ''
  const first = DATE.test(from) && from <= last ? from : plusDays(last, 1 - DEFAULT_DAYS)
  const earliest = plusDays(last, 1 - MOST_DAYS)
  return { territoryId: asked.get('territory') ?? fallback, from: first < earliest ? earliest : first, to: last }
}

export function searchOf(period: Period, tab: string): string {
  const { territoryId, from, to } = period
  return `?${new URLSearchParams({ territory: territoryId, from, to, tab }).toString()}`
}
