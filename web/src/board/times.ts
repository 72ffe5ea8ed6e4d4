/** The board's instants in words, in the zone of its territory. */
import { clock, clockRange } from '../lib/time/format'
import type { Instant, Span } from './model'

export function clockOf(instant: Instant, zone: string): string {
  return clock(new Date(instant), zone)
}

export function spanOf(span: Span, zone: string): string {
  return clockRange(new Date(span.from), new Date(span.to), zone)
}

/** The instant at which clocks of a zone show this time on this date; where they skip it, what they show instead. */
export function instantOf(date: string, time: string, zone: string): Instant {
  const wanted = Date.parse(`${date}T${time}:00Z`)
  // Clocks of the zone are ahead by its offset, which depends on the instant: two rounds settle it.
  const first = wanted - offsetAt(wanted, zone)
  return wanted - offsetAt(first, zone)
}

function offsetAt(instant: Instant, zone: string): number {
  const parts = new Intl.DateTimeFormat('en-US', {
    timeZone: zone,
    hourCycle: 'h23',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
    second: 'numeric',
  }).formatToParts(new Date(instant))
  const part = (type: string): number => Number(parts.find((found) => found.type === type)?.value ?? 0)
  const shown = Date.UTC(part('year'), part('month') - 1, part('day'), part('hour'), part('minute'), part('second'))
  return shown - Math.floor(instant / 1_000) * 1_000
}
