/** What is known of a date, as the service says it, by id. Not reactive: the store makes rows of it. */
import type { Schemas } from '../lib/api/client'

export type Plan = Schemas['PlanSchema']
export type Route = Schemas['PlanRouteSchema']
export type Stop = Schemas['PlanStopSchema']
export type Eta = Schemas['EtaSchema']
export type Progress = Schemas['VisitProgressSchema']
export type TechnicianState = Schemas['TechnicianStateSchema']
export type LiveShift = Schemas['LiveShiftSchema']
export type Snapshot = Schemas['LiveBoardSchema']

export interface Facts {
  plan: Plan
  etas: Map<string, Eta>
  progress: Map<string, Progress>
  technicians: Map<string, TechnicianState>
  shifts: Map<string, LiveShift>
  /** Why nobody knows when the visits of a shift are served: no road leads to a place of its route. */
  cutOff: Map<string, string>
  /** On which shift a visit is. */
  homes: Map<string, string>
  /** Whether the date has gone by: nothing of it can be changed. */
  isPast: boolean
}

export function factsOf(snapshot: Snapshot, isPast: boolean): Facts {
  return {
    plan: snapshot.plan,
    etas: new Map(snapshot.etas.map((eta) => [eta.visit_id, eta])),
    progress: new Map(snapshot.progress.map((progress) => [progress.visit_id, progress])),
    technicians: new Map(snapshot.technicians.map((state) => [state.technician_id, state])),
    shifts: new Map(snapshot.shifts.map((shift) => [shift.shift_id, shift])),
    cutOff: new Map(Object.entries(snapshot.cut_off)),
    homes: homesOf(snapshot.plan),
    isPast,
  }
}

export function homesOf(plan: Plan): Map<string, string> {
  const homes = new Map<string, string>()
  for (const route of plan.routes) for (const stop of route.stops) homes.set(stop.visit_id, route.shift_id)
  return homes
}
