/** Where on the timeline an instant is, and which instant a place is. Pixels from the left edge of the time axis. */
import { clock } from '../lib/time/format'
import type { BoardRow, Instant, Span } from './model'

export const HOUR = 3_600_000

export interface Scale {
  from: Instant
  to: Instant
  pixelsPerHour: number
}

/** How wide the time axis is: a whole day, or so many hours in the window. */
export type Zoom = 'fit' | 4 | 2

export function x(scale: Scale, at: Instant): number {
  return ((at - scale.from) / HOUR) * scale.pixelsPerHour
}

export function instant(scale: Scale, pixels: number): Instant {
  return scale.from + (pixels / scale.pixelsPerHour) * HOUR
}

export function width(scale: Scale): number {
  return x(scale, scale.to)
}

/** The hours that anything happens in, and a little around it; with nothing, a working day beginning at `noon` - 6 h. */
export function hoursOf(rows: readonly BoardRow[], noon: Instant): Span {
  let [from, to] = [Infinity, -Infinity]
  for (const row of rows) {
    from = Math.min(from, row.shift.from, row.departure ?? Infinity, row.visits[0]?.arrival.middle ?? Infinity)
    to = Math.max(to, row.shift.to, row.end ?? -Infinity, row.visits.at(-1)?.service.to ?? -Infinity)
  }
  if (from > to) [from, to] = [noon - 6 * HOUR, noon + 6 * HOUR]
  return { from: Math.floor(from / HOUR) * HOUR, to: Math.ceil((to + 1) / HOUR) * HOUR }
}

/** Make the scale: `visible` pixels show the whole span, or so many hours of it. */
export function scaleOf(span: Span, zoom: Zoom, visible: number): Scale {
  const hours = (span.to - span.from) / HOUR
  const shown = zoom === 'fit' ? hours : Math.min(zoom, hours)
  return { ...span, pixelsPerHour: Math.max(24, visible / shown) }
}

export interface Tick {
  at: Instant
  x: number
  /** Empty where there is no room for words. */
  label: string
}

/** Steps between labels: as close as reads well, minutes. */
const STEPS = [15, 30, 60, 120, 180, 240]
const ROOM = 52

/** Marks of the local clock. Steps are steps of time, so the hour that a change of clocks skips or repeats is right. */
export function ticks(scale: Scale, zone: string): Tick[] {
  const step = STEPS.find((minutes) => (minutes / 60) * scale.pixelsPerHour >= ROOM) ?? 360
  const every = step * 60_000
  // Zones may be off by parts of an hour.
  const [hour, minute] = clock(new Date(scale.from), zone).split(':').map(Number) as [number, number]
  const since = ((hour * 60 + minute) % step) * 60_000
  const found: Tick[] = []
  for (let at = scale.from - since; at < scale.to; at += every) {
    if (at >= scale.from) found.push({ at, x: x(scale, at), label: clock(new Date(at), zone) })
  }
  return found
}
