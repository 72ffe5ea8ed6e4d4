/** What a dispatcher has changed since the technician looked last. */
import type { Phase } from '../lib/status'
import type { Day, DayStop } from './types'

/** A visit that is on the day no more. */
export interface Gone {
  stop: DayStop
  /** How it stood when it was on the day last. */
  phase: Phase
  /** When it had ended, and who had said so; missing where nobody kept it. */
  finishedAt?: string | null
  technicianId?: string | null
}

/** A day as it was when the technician said to have seen it, and what has left it since. */
export interface Seen {
  date: string
  /** By visit id, when service is planned to start, milliseconds. */
  starts: Record<string, number>
  /** Visits of the day as it was loaded last; whatever is missing from the next one has left. */
  known: Record<string, DayStop>
  gone: Gone[]
}

export type Change = 'new' | 'moved'

/** Planned times that differ by less are no news, milliseconds. */
const NO_NEWS = 5 * 60_000

export function stopsOf(day: Day): DayStop[] {
  return day.shifts.flatMap((shift) => shift.stops)
}

/** A day that is seen as it is; what has failed or been done stays on its list. */
export function seenNow(day: Day, before: Seen | null): Seen {
  const stops = stopsOf(day)
  return {
    date: day.date,
    starts: Object.fromEntries(stops.map((stop) => [stop.visit_id, plannedStart(stop)])),
    known: Object.fromEntries(stops.map((stop) => [stop.visit_id, stop])),
    gone: (before?.gone ?? []).filter((one) => isEnd(one.phase)),
  }
}

type Stood = Omit<Gone, 'stop'>

/** Take a newly loaded day: note what has left it. `stood` says how a visit stood, with what is not sent yet. */
export function seenAfter(day: Day, before: Seen | null, stood: (visitId: string) => Stood | null): Seen {
  if (before === null) return seenNow(day, null)
  const known = Object.fromEntries(stopsOf(day).map((stop) => [stop.visit_id, stop]))
  const left = Object.values(before.known)
    .filter((stop) => !(stop.visit_id in known))
    .map((stop) => ({ stop, phase: stop.phase, ...stood(stop.visit_id) }))
  const gone = [...before.gone, ...left].filter((one) => !(one.stop.visit_id in known))
  return { ...before, known, gone }
}

/** What differs from what was seen, by visit id. */
export function changesOf(day: Day, seen: Seen | null): Map<string, Change> {
  const changes = new Map<string, Change>()
  if (seen === null) return changes
  for (const stop of stopsOf(day)) {
    const before = seen.starts[stop.visit_id]
    if (before === undefined) changes.set(stop.visit_id, 'new')
    else if (stop.phase === 'planned' && Math.abs(plannedStart(stop) - before) >= NO_NEWS) {
      changes.set(stop.visit_id, 'moved')
    }
  }
  return changes
}

/** Whether somebody else took a visit away, rather than it having come to its end. */
export function isTakenAway(one: Gone): boolean {
  return !isEnd(one.phase)
}

function isEnd(phase: Phase): boolean {
  return phase === 'done' || phase === 'failed'
}

/** Who is there earlier and waits has the same appointment. */
function plannedStart(stop: DayStop): number {
  return Date.parse(stop.arrival_at) + stop.wait_s * 1_000
}
