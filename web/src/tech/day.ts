/**
 * The day as the technician sees it: what the service knows, and on top of it what this phone has not told it yet.
 *
 * The rules of what follows on what are the service's own (`fieldops.domain.progress`): an event that means nothing
 * there changes nothing here.
 */
import { isOver, type Phase } from '../lib/status'
import { type Change, changesOf, type Gone, isTakenAway, type Seen } from './changes'
import type { Day, DayShift, DayStop, Kept, Kind } from './types'

/** A visit with everything that is known of it, here and there. */
export interface MyStop {
  stop: DayStop
  phase: Phase
  travelStartedAt: string | null
  arrivedAt: string | null
  startedAt: string | null
  finishedAt: string | null
  extensionSeconds: number
  /** When the technician has said to be there; null = nothing was said. */
  expectedAt: string | null
  reason: string
  /** Events of it that the service does not have yet. */
  unsent: number
  change: Change | null
  /** On the day no more, by a dispatcher's hand. */
  isTakenAway: boolean
  /** Who has it by what the service knows; null = nobody yet. */
  technicianId: string | null
  /** How it stood before the end that was reported here; null = it has not ended, or not here. */
  beforeEnd: MyStop | null
}

export interface MyShift {
  shift: DayShift
  stops: MyStop[]
}

export interface MyDay {
  date: string
  zone: string
  shifts: MyShift[]
  /** What has left the day: failed, or taken away. */
  gone: MyStop[]
  /** What is to be done now: where the technician is or goes to, else the first that is planned. */
  current: MyStop | null
  changes: number
}

type Step = readonly [Phase, readonly Phase[]]

const STEPS: Partial<Record<Kind, Step>> = {
  travel_started: ['traveling', ['planned']],
  arrived: ['arrived', ['planned', 'traveling']],
  started: ['in_progress', ['planned', 'traveling', 'arrived']],
  extended: ['in_progress', ['planned', 'traveling', 'arrived', 'in_progress']],
  done: ['done', ['planned', 'traveling', 'arrived', 'in_progress']],
  could_not_complete: ['failed', ['planned', 'traveling', 'arrived', 'in_progress']],
  no_show: ['failed', ['arrived', 'in_progress']],
}

/** Put a day and the events of this phone together. */
export function merge(day: Day, events: readonly Kept[], seen: Seen | null): MyDay {
  const changes = changesOf(day, seen)
  const shifts = day.shifts.map((shift) => ({
    shift,
    stops: shift.stops.map((stop) => withEvents(stop, events, changes.get(stop.visit_id) ?? null, false)),
  }))
  const left = seen !== null && seen.date === day.date ? seen.gone : []
  const gone = left.map((one) => withEvents({ ...one.stop, phase: one.phase }, events, null, isTakenAway(one), one))
  const all = shifts.flatMap((one) => one.stops)
  return {
    date: day.date,
    zone: day.time_zone,
    shifts,
    gone,
    current: currentOf(all, gone),
    changes: changes.size + gone.filter((one) => one.isTakenAway).length,
  }
}

/** Apply what happened at a visit and is not on the day yet; `left`: how it ended, when it is on the day no more. */
export function withEvents(
  stop: DayStop,
  events: readonly Kept[],
  change: Change | null,
  isGone: boolean,
  left: Partial<Gone> = {},
): MyStop {
  const known = stop.progress
  const start: MyStop = {
    stop,
    phase: stop.phase,
    travelStartedAt: known?.travel_started_at ?? null,
    arrivedAt: known?.arrived_at ?? null,
    startedAt: known?.started_at ?? null,
    finishedAt: left.finishedAt ?? known?.finished_at ?? null,
    extensionSeconds: known?.extension_s ?? 0,
    expectedAt: known?.expected_at ?? null,
    reason: known?.reason ?? '',
    unsent: 0,
    change,
    isTakenAway: isGone,
    technicianId: left.technicianId ?? known?.technician_id ?? null,
    beforeEnd: null,
  }
  return events
    .filter((event) => event.visit_id === stop.visit_id && event.state !== 'refused')
    .sort((one, other) => one.occurred_at.localeCompare(other.occurred_at))
    .reduce(after, start)
}

function after(before: MyStop, event: Kept): MyStop {
  const unsent = before.unsent + (event.state === 'waiting' ? 1 : 0)
  if (event.kind === 'delayed') {
    const isAhead = before.phase === 'planned' || before.phase === 'traveling'
    return { ...before, unsent, expectedAt: isAhead ? event.expected_at : before.expectedAt }
  }
  if (event.kind === 'reopened') return isOver(before.phase) ? { ...reopened(before), unsent } : { ...before, unsent }
  const step = STEPS[event.kind]
  if (step === undefined || !step[1].includes(before.phase)) return { ...before, unsent }
  const at = event.occurred_at
  const next = { ...before, unsent, phase: step[0] }
  switch (event.kind) {
    case 'travel_started':
      return { ...next, travelStartedAt: at }
    case 'arrived':
      return { ...next, arrivedAt: at }
    case 'started':
      return { ...next, arrivedAt: before.arrivedAt ?? at, startedAt: at }
    case 'extended':
      return {
        ...next,
        startedAt: before.startedAt ?? before.arrivedAt ?? at,
        extensionSeconds: before.extensionSeconds + event.minutes * 60,
      }
    case 'done':
      return { ...next, startedAt: before.startedAt ?? before.arrivedAt ?? at, finishedAt: at, beforeEnd: before }
    default:
      return { ...next, finishedAt: at, reason: event.reason, beforeEnd: before }
  }
}

/** A visit whose end is taken back: it goes on where it stood before. */
function reopened(one: MyStop): MyStop {
  if (one.beforeEnd !== null) return one.beforeEnd
  const { arrivedAt, startedAt, travelStartedAt } = one
  const there: Phase = startedAt ? 'in_progress' : 'arrived'
  const before: Phase = travelStartedAt ? 'traveling' : 'planned'
  return { ...one, phase: startedAt || arrivedAt ? there : before, finishedAt: null, reason: '' }
}

/** So long a technician can take back an end, milliseconds; later a dispatcher does. */
const REOPENS_FOR = 12 * 3_600_000

/** Whether a technician can take back the end of a visit at an instant, milliseconds: their own, and not for long. */
export function canReopen(one: MyStop, technicianId: string, now: number): boolean {
  if (one.phase !== 'done' && one.phase !== 'failed') return false
  if (one.finishedAt === null || now > Date.parse(one.finishedAt) + REOPENS_FOR) return false
  return one.beforeEnd !== null || one.technicianId === technicianId
}

const ACTIVE: readonly Phase[] = ['traveling', 'arrived', 'in_progress']

/** Whether the technician is on the way to a visit, or there. */
export function isActive(stop: MyStop): boolean {
  return ACTIVE.includes(stop.phase)
}

function currentOf(stops: readonly MyStop[], gone: readonly MyStop[]): MyStop | null {
  const active = [...stops, ...gone].filter(isActive)
  const furthest = active.sort((one, other) => ACTIVE.indexOf(other.phase) - ACTIVE.indexOf(one.phase))[0]
  return furthest ?? stops.find((one) => one.phase === 'planned') ?? null
}

/** When the technician is expected, by what was said here or else by what the service expects. */
export function arrivalOf(one: MyStop): string {
  const said = one.expectedAt
  return said !== null && Date.parse(said) > Date.parse(one.stop.eta) ? said : one.stop.eta
}

/** When work on a visit that has begun is expected to be over, milliseconds; null = it has not begun. */
export function finishOf(one: MyStop): number | null {
  if (one.startedAt === null) return null
  const { arrival_at, finish_at, wait_s } = one.stop
  const planned = Date.parse(finish_at) - Date.parse(arrival_at) - wait_s * 1_000
  return Date.parse(one.startedAt) + Math.max(0, planned) + one.extensionSeconds * 1_000
}
