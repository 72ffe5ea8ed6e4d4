/** What the board shows: the running plan, what has happened, and what is expected, joined by visit and by shift. */
import type { Keeping, Phase } from '../lib/status'

/** Milliseconds since the epoch: what the timeline computes with. Words are made of them in the territory's zone. */
export type Instant = number

export interface Span {
  from: Instant
  to: Instant
}

/** What a person has fixed about a visit. */
export interface Pin {
  technician: boolean
  start: boolean
  sequence: boolean
  /** Locked on purpose: it may not be dragged. Otherwise it was moved by hand, and may be moved again. */
  isLock: boolean
}

export interface BoardVisit {
  id: string
  workOrderId: string
  name: string
  customerId: string
  customerName: string
  address: string
  latitude: number
  longitude: number
  /** Nominal time on site. */
  durationSeconds: number
  skills: Readonly<Record<string, number>>
  priority: number
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
  /** What was reported about it, as far as it has happened. */
  happened: { setOut: Instant | null; arrived: Instant | null; started: Instant | null; finished: Instant | null }
  /** When the technician has said to be there, running late; null = nothing was said. */
  said: Instant | null
  /** When the technician arrives: the middle of what may happen, and the range that holds four arrivals of five. */
  arrival: { middle: Instant; range: Span | null }
  /** Travel and waiting before it, as planned. */
  travelSeconds: number
  waitSeconds: number
  slackSeconds: number
  pin: Pin | null
  /** Whether edits may still be about it: not over, not being served, nobody on the way to it, not on a date gone by. */
  isAhead: boolean
  /** Whether it may be dragged: ahead, and not locked. */
  isMovable: boolean
  extensionSeconds: number
  reason: string
}

/** A visit on no route, why, and what would get it served. */
export interface UnassignedVisit {
  id: string
  workOrderId: string
  name: string
  customerId: string
  customerName: string
  address: string
  latitude: number
  longitude: number
  durationSeconds: number
  skills: Readonly<Record<string, number>>
  priority: number
  state: string
  window: Span | null
  dueAt: Instant | null
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
  /** Why its times are not known: no road leads to a place of the route; null = they are. */
  cutOff: string | null
  /** Where the technician was seen last. */
  position: { latitude: number; longitude: number; at: Instant | null } | null
  nextVisitId: string | null
  /** Index in `PALETTE`: the swatch, and the color on the map. */
  color: number
}

/** The key figures on top; each is also a filter. At risk and late are of visits that are not over. */
export interface Figures {
  assigned: number
  done: number
  atRisk: number
  late: number
  unassigned: number
  distanceMeters: number
  overtimeSeconds: number
  /** Shifts that end after their end. */
  overtimeRows: number
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

/** How fresh the board is. */
export interface Live {
  state: 'connecting' | 'live' | 'reconnecting' | 'refused'
  /** Since when; shown as "stale since" while it is not live. */
  since: Instant
}
