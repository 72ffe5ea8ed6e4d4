/** Windows that can be had, in the order in which people look for them: by day, morning before afternoon. */
import type { Schemas } from '../api/client'
import { dateOf } from '../time/format'

export type Offer = Schemas['CustomerOffer']
type Reason = Offer['reasons'][number]

export interface DayOfWindows {
  date: string
  morning: Offer[]
  afternoon: Offer[]
}

/** The best ones, which stand on top with the reason why: at most this many. */
export const NUM_BEST = 3

function hourOf(instant: string, zone: string): number {
  return Number(new Intl.DateTimeFormat('en-US', { timeZone: zone, hour: 'numeric', hourCycle: 'h23' }).format(new Date(instant)))
}

/** Group offers by local date; what begins before noon is morning. */
export function byDay(offers: readonly Offer[], zone: string): DayOfWindows[] {
  const days = new Map<string, DayOfWindows>()
  for (const offer of [...offers].sort((a, b) => a.window_start.localeCompare(b.window_start) || a.rank - b.rank)) {
    const date = dateOf(offer.window_start, zone)
    let day = days.get(date)
    if (day === undefined) days.set(date, (day = { date, morning: [], afternoon: [] }))
    ;(hourOf(offer.window_start, zone) < 12 ? day.morning : day.afternoon).push(offer)
  }
  return [...days.values()].sort((a, b) => a.date.localeCompare(b.date))
}

/** The offers that rank first and of which something can be said: why each of them. */
export function best(offers: readonly Offer[]): Offer[] {
  return [...offers]
    .sort((a, b) => a.rank - b.rank)
    .filter((offer) => offer.reasons.length > 0)
    .slice(0, NUM_BEST)
}

/** The offer to look at when another one was just taken: the next best by rank. */
export function nextBest(offers: readonly Offer[], taken: string | null): Offer | null {
  return [...offers].filter((offer) => offer.id !== taken).sort((a, b) => a.rank - b.rank)[0] ?? null
}

/** The first window of all; null = there is none. */
export function earliestOf(offers: readonly Offer[]): Offer | null {
  return offers.reduce<Offer | null>((first, offer) => (first === null || startsBefore(offer, first) ? offer : first), null)
}

function startsBefore(offer: Offer, other: Offer): boolean {
  return new Date(offer.window_start) < new Date(other.window_start)
}

/** What is said of a recommended window. The service calls all windows of the first free day early; one is the first. */
export function reasonOf(offer: Offer, earliest: Offer | null): Exclude<Reason, 'least_cost'> | 'earliest' | null {
  const reason = offer.reasons.find((found) => found !== 'least_cost') ?? null
  return reason === 'early' && offer.id === earliest?.id ? 'earliest' : reason
}
