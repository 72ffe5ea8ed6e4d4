/** What an event of the board's stream changes in the facts, and which shifts it touches. */
import type { Schemas } from '../lib/api/client'
import type { StreamEvent } from '../lib/api/stream'
import { type Eta, type Facts, homesOf, type LiveShift, type Plan, type Progress, type Route, type TechnicianState } from './facts'

export interface Patched {
  /** Shifts whose rows have to be made anew. */
  touched: Set<string>
  /** Whether the plan has a newer version, which has to be read. */
  wantsPlan: boolean
}

type Expected = { etas: Eta[]; removed?: string[]; shifts?: LiveShift[]; cut_off?: Record<string, string> }

/** Take an event into the facts. Events say how something is now: heard twice they do no harm. */
export function applyEvent(facts: Facts, event: StreamEvent, patched: Patched): void {
  switch (event.kind) {
    case 'eta':
      return takeEtas(facts, event.data as Expected, patched)
    case 'progress':
      return takeProgress(facts, event.data as { visits: Progress[] }, patched)
    case 'technician':
      return takeTechnicians(facts, event.data as { technicians: TechnicianState[] }, patched)
    case 'plan':
      if ((event.data as { version: number }).version > facts.plan.version) patched.wantsPlan = true
  }
}

export function nothing(): Patched {
  return { touched: new Set(), wantsPlan: false }
}

function touch(facts: Facts, visitId: string, patched: Patched): void {
  const home = facts.homes.get(visitId)
  if (home !== undefined) patched.touched.add(home)
}

function takeEtas(facts: Facts, said: Expected, patched: Patched): void {
  for (const eta of said.etas) {
    facts.etas.set(eta.visit_id, eta)
    touch(facts, eta.visit_id, patched)
  }
  for (const visitId of said.removed ?? []) {
    if (facts.etas.delete(visitId)) touch(facts, visitId, patched)
  }
  for (const shift of said.shifts ?? []) {
    facts.shifts.set(shift.shift_id, shift)
    // A shift of which the times are known is within reach again.
    facts.cutOff.delete(shift.shift_id)
    patched.touched.add(shift.shift_id)
  }
  for (const [shiftId, detail] of Object.entries(said.cut_off ?? {})) {
    facts.cutOff.set(shiftId, detail)
    patched.touched.add(shiftId)
  }
}

function takeProgress(facts: Facts, said: { visits: Progress[] }, patched: Patched): void {
  for (const progress of said.visits) {
    facts.progress.set(progress.visit_id, progress)
    touch(facts, progress.visit_id, patched)
  }
}

function takeTechnicians(facts: Facts, said: { technicians: TechnicianState[] }, patched: Patched): void {
  for (const state of said.technicians) {
    facts.technicians.set(state.technician_id, state)
    for (const route of facts.plan.routes) {
      if (route.technician_id === state.technician_id) patched.touched.add(route.shift_id)
    }
  }
}

/** Take another version of the plan; returns the shifts whose routes differ, or null when rows came or went. */
export function takePlan(facts: Facts, plan: Plan): Set<string> | null {
  const before = new Map(facts.plan.routes.map((route) => [route.shift_id, route]))
  const touched = new Set<string>()
  const isSame = plan.routes.length === before.size && plan.routes.every((route) => before.has(route.shift_id))
  for (const route of plan.routes) if (!isAsBefore(route, before.get(route.shift_id))) touched.add(route.shift_id)
  facts.plan = plan
  facts.homes = homesOf(plan)
  return isSame ? touched : null
}

function isAsBefore(route: Route, before: Route | undefined): boolean {
  return before !== undefined && JSON.stringify(route) === JSON.stringify(before)
}

export type ReplanEvent = { kind: 'proposal' | 'replan' } & Readonly<{
  replan_id: string
  state: Schemas['ReplanSchema']['state']
  customers: number | null
  cost_change_cents: number | null
  churn: number | null
  applied_version: number | null
}>
