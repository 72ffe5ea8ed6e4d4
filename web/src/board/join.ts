/** Rows, visits and figures of what is known of a date. Pure: the same facts give the same rows. */
import type { Keeping, Phase } from '../lib/status'
import { isOver } from '../lib/status'
import { breaksOf } from './breaks'
import type { Eta, Facts, LiveShift, Progress, Route, Stop } from './facts'
import { repairWords } from './repairs'
import type { BoardRow, BoardVisit, Figures, Instant, Pin, Span, UnassignedVisit } from './model'

/** A promise less likely to be kept than this counts as broken. */
const HARDLY_KEPT = 500
const SECOND = 1_000
const MINUTE = 60_000

export function joinRow(route: Route, facts: Facts, color: number): BoardRow {
  const live = facts.shifts.get(route.shift_id)
  const known = facts.technicians.get(route.technician_id)
  const visits = apart(route.stops.map((stop, position) => joinVisit(stop, position, route, facts, live)))
  const end = endOf(route, visits)
  const shift = { from: at(route.starts_at), to: at(route.ends_at) }
  return {
    shiftId: route.shift_id,
    technicianId: route.technician_id,
    technicianName: route.technician_name,
    skills: route.skills,
    shift,
    departure: at(route.departure_at),
    end,
    overtimeSeconds: end === null ? route.overtime_s : Math.max(0, end - shift.to) / SECOND,
    travelSeconds: route.travel_s,
    distanceMeters: route.distance_m,
    breaks: breaksOf(route, visits),
    visits,
    isOut: known?.out_since != null || live?.is_out === true,
    outReason: known?.out_reason ?? '',
    cutOff: facts.cutOff.get(route.shift_id) ?? null,
    position: seen(known ?? null, live ?? null),
    nextVisitId: live?.next_visit_id ?? null,
    color,
  }
}

/** Home later by as much as the last visit is later than planned. */
function endOf(route: Route, visits: readonly BoardVisit[]): Instant | null {
  const [last, planned] = [visits.at(-1), route.stops.at(-1)]
  if (route.end_at === null || last === undefined || planned === undefined) return at(route.end_at)
  return Math.max(at(route.end_at), last.service.to + at(route.end_at) - at(planned.finish_at))
}

function seen(known: { latitude: number | null; longitude: number | null; seen_at: string | null } | null, live: LiveShift | null): BoardRow['position'] {
  if (known?.latitude != null && known.longitude != null) {
    return { latitude: known.latitude, longitude: known.longitude, at: at(known.seen_at) }
  }
  if (live?.latitude == null || live.longitude === null) return null
  return { latitude: live.latitude, longitude: live.longitude, at: null }
}

function joinVisit(stop: Stop, position: number, route: Route, facts: Facts, live: LiveShift | undefined): BoardVisit {
  const progress = facts.progress.get(stop.visit_id)
  const found = facts.etas.get(stop.visit_id)
  // What was expected on another route says nothing about this one.
  const eta = found?.shift_id === route.shift_id ? found : undefined
  const phase = phaseOf(stop, progress)
  const service = serviceOf(stop, phase, progress, eta, live)
  const window = spanOf(stop.window_start, stop.window_end)
  const lateMinutes = lateOf(stop, phase, service, window, progress, eta)
  const isAhead = phase === 'planned' && live?.next_visit_id !== stop.visit_id && !facts.isPast
  const pin = pinOf(stop)
  return {
    id: stop.visit_id,
    workOrderId: stop.work_order_id,
    name: stop.name,
    customerId: stop.customer_id,
    customerName: stop.customer_name,
    address: stop.address,
    latitude: stop.latitude,
    longitude: stop.longitude,
    durationSeconds: stop.duration_s,
    skills: stop.required_skills,
    priority: stop.priority,
    state: stop.state,
    phase,
    keeping: keepingOf(phase, lateMinutes, eta),
    lateMinutes,
    keptPermille: isOver(phase) ? null : (eta?.kept_permille ?? null),
    shiftId: route.shift_id,
    technicianId: route.technician_id,
    position,
    window,
    service,
    happened: {
      setOut: at(progress?.travel_started_at),
      arrived: at(progress?.arrived_at),
      started: at(progress?.started_at),
      finished: at(progress?.finished_at),
    },
    said: at(progress?.expected_at),
    arrival: {
      middle: at(progress?.arrived_at ?? eta?.arrival_at ?? stop.arrival_at),
      range: eta === undefined || progress?.arrived_at != null ? null : { from: at(eta.earliest_at), to: at(eta.latest_at) },
    },
    travelSeconds: stop.travel_s,
    waitSeconds: stop.wait_s,
    slackSeconds: stop.slack_s,
    pin,
    isAhead,
    isMovable: isAhead && !(pin?.isLock ?? false),
    extensionSeconds: progress?.extension_s ?? 0,
    reason: progress?.reason ?? '',
  }
}

function phaseOf(stop: Stop, progress: Progress | undefined): Phase {
  if (progress !== undefined) return progress.phase
  if (stop.state === 'done' || stop.state === 'failed' || stop.state === 'canceled') return stop.state
  return 'planned'
}

/** When it is served: as it happened, else as expected, else as planned. */
function serviceOf(
  stop: Stop,
  phase: Phase,
  progress: Progress | undefined,
  eta: Eta | undefined,
  live: LiveShift | undefined,
): Span {
  const planned = { from: at(stop.start_at), to: at(stop.finish_at) }
  const length = planned.to - planned.from
  if (progress !== undefined && (isOver(phase) || phase === 'in_progress' || phase === 'arrived')) {
    const from = at(progress.started_at ?? progress.arrived_at ?? progress.finished_at) ?? planned.from
    const to = at(progress.finished_at) ?? Math.max(at(live?.ready_at) ?? 0, from + length + progress.extension_s * SECOND)
    return { from, to: Math.max(from, to) }
  }
  if (eta === undefined) return planned
  // Nobody begins before the window; one that is not promised is seen by its wait in the plan.
  const opens = stop.window_start ?? (stop.wait_s > 0 ? stop.start_at : eta.arrival_at)
  const from = Math.max(at(eta.arrival_at), at(opens))
  return { from, to: from + length }
}

/** Medians of a chain need not fit together: a bar ends where the next one begins at the latest. */
function apart(visits: readonly BoardVisit[]): BoardVisit[] {
  return visits.map((visit, i) => {
    const next = visits[i + 1]?.service.from ?? Infinity
    if (isOver(visit.phase) || visit.service.to <= next || next <= visit.service.from) return visit
    return { ...visit, service: { from: visit.service.from, to: next } }
  })
}

/** Minutes beyond the promise; of what is over and was never served nothing is late any more. */
function lateOf(
  stop: Stop,
  phase: Phase,
  service: Span,
  window: Span | null,
  progress: Progress | undefined,
  eta: Eta | undefined,
): number {
  if (window === null || phase === 'canceled' || (phase === 'failed' && progress?.started_at == null)) return 0
  const late = Math.max(0, Math.round((service.from - window.to) / MINUTE))
  return late > 0 || eta !== undefined || progress !== undefined ? late : Math.round(stop.lateness_s / 60)
}

function keepingOf(phase: Phase, lateMinutes: number, eta: Eta | undefined): Keeping {
  if (lateMinutes > 0) return 'late'
  if (isOver(phase) || eta === undefined) return 'ok'
  if (eta.kept_permille !== null && eta.kept_permille < HARDLY_KEPT) return 'late'
  return eta.is_at_risk ? 'at_risk' : 'ok'
}

function pinOf(stop: Stop): Pin | null {
  const pin = stop.pin
  if (pin === null || !(pin.technician || pin.sequence || pin.start)) return null
  return { technician: pin.technician, sequence: pin.sequence, start: pin.start, isLock: pin.edit_id === null }
}

export function joinUnassigned(facts: Facts): UnassignedVisit[] {
  const { routes, without_place } = facts.plan
  const technicianOf = (shiftId: string) => routes.find((route) => route.shift_id === shiftId)?.technician_name ?? null
  const shown = (id: string) =>
    routes.flatMap((route) => route.stops).find((stop) => stop.visit_id === id) ??
    without_place.find((visit) => visit.visit_id === id)
  const nameOf = (visitId: string) => shown(visitId)?.customer_name ?? null
  return facts.plan.without_place
    .filter((visit) => !facts.homes.has(visit.visit_id))
    .map((visit) => ({
      id: visit.visit_id,
      workOrderId: visit.work_order_id,
      name: visit.name,
      customerId: visit.customer_id,
      customerName: visit.customer_name,
      address: visit.address,
      latitude: visit.latitude,
      longitude: visit.longitude,
      durationSeconds: visit.duration_s,
      skills: visit.required_skills,
      priority: visit.priority,
      state: visit.state,
      window: spanOf(visit.window_start, visit.window_end),
      dueAt: at(visit.due_at),
      isPromised: visit.is_promised,
      reasons: visit.reasons,
      repair: visit.repair_facts === null ? visit.repair : repairWords(visit.repair_facts, facts.plan.time_zone, technicianOf, nameOf),
    }))
    .sort((a, b) => deadline(a) - deadline(b) || b.priority - a.priority || a.name.localeCompare(b.name))
}

function deadline(visit: UnassignedVisit): number {
  return Math.min(visit.window?.to ?? Infinity, visit.dueAt ?? Infinity)
}

export function figuresOf(rows: readonly BoardRow[], unassigned: readonly UnassignedVisit[]): Figures {
  const figures = { assigned: 0, done: 0, atRisk: 0, late: 0, distanceMeters: 0, overtimeSeconds: 0, overtimeRows: 0 }
  for (const row of rows) {
    figures.assigned += row.visits.length
    figures.distanceMeters += row.distanceMeters
    figures.overtimeSeconds += row.overtimeSeconds
    if (row.overtimeSeconds >= 60) figures.overtimeRows += 1
    for (const visit of row.visits) {
      if (isOver(visit.phase)) figures.done += visit.phase === 'done' ? 1 : 0
      else if (visit.keeping === 'late') figures.late += 1
      else if (visit.keeping === 'at_risk') figures.atRisk += 1
    }
  }
  return { ...figures, unassigned: unassigned.length }
}

/** The worst lateness of what is still to come on a row, minutes. */
export function lateness(row: BoardRow): number {
  return row.visits.reduce((worst, visit) => (isOver(visit.phase) ? worst : Math.max(worst, visit.lateMinutes)), 0)
}

function spanOf(from: string | null, to: string | null): Span | null {
  return from === null || to === null ? null : { from: at(from), to: at(to) }
}

function at(instant: string): Instant
function at(instant: string | null | undefined): Instant | null
function at(instant: string | null | undefined): Instant | null {
  return instant == null ? null : Date.parse(instant)
}
