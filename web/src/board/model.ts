/** What the board shows: the running plan, what has happened, and what is expected, joined by visit and by shift. */
import type { Keeping, Phase } from '../lib/status'

/** Milliseconds since the epoch: what the timeline computes with. Words are made of them in the territory's zone. */
export type Instant = number

export interface Span {
  from: Instant
  to: Instant
}

/** What keeps a visit where it is, as a dispatcher has locked it. */
export interface Pin {
  technician: boolean
  start: boolean
  sequence: boolean
}

export interface BoardVisit {
  id: string
  workOrderId: string
  name: string
  address: string
  latitude: number
  longitude: number
  /** `open`, `held`, `booked` or `done`: what the customer knows. */
  state: string
  phase: Phase
  keeping: Keeping
  /** Minutes beyond the promise, when it is or will be broken. */
  lateMinutes: number
  /** How likely the promise is kept, permille; null = nothing is promised, or nothing is known. */
  keptPermille: number | null
  shiftId: string | null
  technicianId: string | null
  /** In its route, from 0; -1 = on none. */
  position: number
  /** What is promised or held. */
  window: Span | null
  /** Service as it happened, else as it is expected now, else as planned. */
  service: Span
  /** When the technician arrives: the middle of what may happen, and the range that holds four arrivals of five. */
  arrival: { middle: Instant; range: Span | null }
  /** Travel and waiting before it, as planned. */
  travelSeconds: number
  waitSeconds: number
  slackSeconds: number
  pin: Pin | null
  /** Whether it may be dragged: not over, not being served, not on the way to it. */
  isMovable: boolean
  extensionSeconds: number
  reason: string
}

/** A visit on no route, why, and what would get it served. */
export interface UnassignedVisit {
  id: string
  name: string
  window: Span | null
  isPromised: boolean
  reasons: readonly string[]
  repair: string | null
}

export interface BoardBreak {
  name: string
  span: Span
  isPaid: boolean
}

/** A shift: one row of the timeline. */
export interface BoardRow {
  shiftId: string
  technicianId: string
  technicianName: string
  skills: Readonly<Record<string, number>>
  shift: Span
  departure: Instant | null
  /** When the technician is home, as far as known: after `shift.to` it is overtime. */
  end: Instant | null
  overtimeSeconds: number
  travelSeconds: number
  distanceMeters: number
  breaks: readonly BoardBreak[]
  visits: readonly BoardVisit[]
  isOut: boolean
  outReason: string
  /** Where the technician was seen last. */
  position: { latitude: number; longitude: number; at: Instant | null } | null
  nextVisitId: string | null
  /** Index in `PALETTE`: the swatch, and the color on the map. */
  color: number
}

/** The key figures on top; each is also a filter. */
export interface Figures {
  assigned: number
  done: number
  atRisk: number
  late: number
  unassigned: number
  distanceMeters: number
  overtimeSeconds: number
}

/** What rows and visits are shown; null or empty = all. */
export interface Filter {
  search: string
  keeping: Keeping | null
  onlyOvertime: boolean
  skill: string | null
}

export type Order = 'name' | 'lateness' | 'start'

/** A stop as somebody proposes it: drawn dashed where it would go, and faded where it is. */
export interface Ghost {
  visitId: string
  toShiftId: string | null
  to: Span | null
}
