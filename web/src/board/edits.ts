/** Edits by hand: what they are called, what a board shows before the service has done them. */
import type { Schemas } from '../lib/api/client'
import { type Facts, homesOf, type Plan, type Route, type Stop } from './facts'

export type Edit =
  | Schemas['MoveEdit']
  | Schemas['SwapEdit']
  | Schemas['UnassignEdit']
  | Schemas['LockEdit']
  | Schemas['UnlockEdit']
  | Schemas['DurationEdit']
  | Schemas['AddBreakEdit']
export type WhatIf = Schemas['WhatIfSchema']
export type Violation = Schemas['NewViolationSchema']
export type PlanEdit = Schemas['PlanEditSchema']
export type Places = Schemas['PlacesSchema']

export function move(visitId: string, shiftId: string, position: number | null): Edit {
  return { kind: 'move', visit_id: visitId, shift_id: shiftId, position }
}

/** The facts as they would be after an edit, from what the service says it would do. */
export function asIf(facts: Facts, edit: Edit, tried: WhatIf): Facts {
  const plan = edit.kind === 'lock' || edit.kind === 'unlock' ? withPin(facts.plan, edit) : withRoutes(facts.plan, edit, tried)
  const etas = new Map(facts.etas)
  // What was expected of these routes was expected of another order.
  for (const route of tried.routes) for (const stop of [...route.before, ...route.after]) etas.delete(stop.visit_id)
  return { ...facts, plan, etas, homes: homesOf(plan) }
}

function withPin(plan: Plan, edit: Schemas['LockEdit'] | Schemas['UnlockEdit']): Plan {
  const pin: Stop['pin'] =
    edit.kind === 'unlock'
      ? null
      : { technician: edit.technician ?? true, sequence: edit.sequence ?? false, start: edit.start ?? false, off: null, edit_id: null }
  const stops = (route: Route): Stop[] =>
    route.stops.map((stop) => (stop.visit_id === edit.visit_id ? { ...stop, pin } : stop))
  return { ...plan, routes: plan.routes.map((route) => (stopsAt(route, edit.visit_id) ? { ...route, stops: stops(route) } : route)) }
}

function stopsAt(route: Route, visitId: string): boolean {
  return route.stops.some((stop) => stop.visit_id === visitId)
}

function withRoutes(plan: Plan, edit: Edit, tried: WhatIf): Plan {
  const known = new Map(plan.routes.flatMap((route) => route.stops.map((stop) => [stop.visit_id, stop] as const)))
  for (const visit of plan.without_place) known.set(visit.visit_id, placed(visit))
  const changes = new Map(tried.routes.map((change) => [change.shift_id, change]))
  const gone = new Set(tried.routes.flatMap((change) => change.before.map((stop) => stop.visit_id)))
  const coming = new Set(tried.routes.flatMap((change) => change.after.map((stop) => stop.visit_id)))
  const routes = plan.routes.map((route) => {
    const change = changes.get(route.shift_id)
    if (change === undefined) return route
    // What a change does not name is behind the technician, and stays as it is.
    const behind = route.stops.filter((stop) => !gone.has(stop.visit_id) && !coming.has(stop.visit_id))
    const ahead = change.after.flatMap((timed) => {
      const stop = known.get(timed.visit_id)
      return stop === undefined ? [] : [{ ...stop, ...timed }]
    })
    return { ...route, stops: [...behind, ...ahead] }
  })
  const off = edit.kind === 'unassign' ? known.get(edit.visit_id) : undefined
  const without = plan.without_place.filter((visit) => !coming.has(visit.visit_id))
  return { ...plan, routes, without_place: off === undefined ? without : [...without, unplaced(off)] }
}

/** A visit without a place as a stop, but for its times. */
function placed(visit: Plan['without_place'][number]): Stop {
  const { due_at, is_promised, reasons, repair, repair_facts, ...shown } = visit
  void [due_at, is_promised, reasons, repair, repair_facts]
  const never = '1970-01-01T00:00:00Z'
  const times = { arrival_at: never, start_at: never, finish_at: never, departure_at: never }
  return { ...shown, ...times, wait_s: 0, slack_s: 0, lateness_s: 0, travel_s: 0, distance_m: 0 }
}

function unplaced(stop: Stop): Plan['without_place'][number] {
  const { arrival_at, start_at, finish_at, departure_at, wait_s, slack_s, lateness_s, travel_s, distance_m, ...shown } = stop
  void [arrival_at, start_at, finish_at, departure_at, wait_s, slack_s, lateness_s, travel_s, distance_m]
  return { ...shown, due_at: null, is_promised: stop.window_start !== null, reasons: [], repair: null, repair_facts: null }
}

/** Customers whose visits would begin at another time, by a minute or more; the visit itself not counted. */
export function otherTimes(tried: WhatIf, visitId: string): string[] {
  const before = new Map(tried.routes.flatMap((route) => route.before.map((stop) => [stop.visit_id, stop.start_at] as const)))
  return tried.routes
    .flatMap((route) => route.after)
    .filter((stop) => stop.visit_id !== visitId && Math.abs(Date.parse(stop.start_at) - Date.parse(before.get(stop.visit_id) ?? stop.start_at)) >= 60_000)
    .map((stop) => stop.visit_id)
}

/** What breaks newly. */
export function news(tried: WhatIf): Violation[] {
  return tried.violations.filter((violation) => violation.is_new)
}

/** The stop of a visit after the edit; undefined = it has none. */
export function stopAfter(tried: WhatIf, visitId: string): Schemas['TimedStopSchema'] | undefined {
  return tried.routes.flatMap((route) => route.after).find((stop) => stop.visit_id === visitId)
}
