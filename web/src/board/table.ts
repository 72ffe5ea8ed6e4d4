/** The day as a table: one line a visit, whether it has a place or not. */
import type { Keeping, Phase } from '../lib/status'
import { isWanted, isWantedUnassigned } from './filter'
import type { BoardRow, BoardVisit, Filter, Instant, Span, UnassignedVisit } from './model'

export interface Line {
  id: string
  name: string
  customer: string
  /** Empty = nobody. */
  technician: string
  shiftId: string | null
  window: Span | null
  expected: Instant | null
  phase: Phase
  keeping: Keeping
  lateMinutes: number
  isPlaced: boolean
  isMovable: boolean
}

export const COLUMNS = ['name', 'customer', 'technician', 'window', 'expected', 'phase', 'keeping'] as const
export type Column = (typeof COLUMNS)[number]

export interface Sorting {
  column: Column
  isDescending: boolean
}

export function linesOf(rows: readonly BoardRow[], unassigned: readonly UnassignedVisit[], filter: Filter): Line[] {
  const placed = rows.flatMap((row) =>
    row.visits.filter((visit) => isWanted(visit, row, filter)).map((visit) => placedLine(visit, row)),
  )
  // Who looks for promises in danger looks for visits that somebody is to serve.
  const without = filter.keeping === null ? unassigned.filter((visit) => isWantedUnassigned(visit, filter)) : []
  return [...without.map(unplacedLine), ...placed]
}

function placedLine(visit: BoardVisit, row: BoardRow): Line {
  return {
    id: visit.id,
    name: visit.name,
    customer: visit.customerName,
    technician: row.technicianName,
    shiftId: row.shiftId,
    window: visit.window,
    expected: visit.arrival.middle,
    phase: visit.phase,
    keeping: visit.keeping,
    lateMinutes: visit.lateMinutes,
    isPlaced: true,
    isMovable: visit.isMovable,
  }
}

function unplacedLine(visit: UnassignedVisit): Line {
  return {
    id: visit.id,
    name: visit.name,
    customer: visit.customerName,
    technician: '',
    shiftId: null,
    window: visit.window,
    expected: null,
    phase: 'planned',
    keeping: 'ok',
    lateMinutes: 0,
    isPlaced: false,
    isMovable: visit.state !== 'failed',
  }
}

const KEEPINGS: readonly Keeping[] = ['late', 'at_risk', 'ok']
const PHASES: readonly Phase[] = ['in_progress', 'arrived', 'traveling', 'planned', 'done', 'failed', 'canceled']

/** Lines in an order; what has nothing in the column comes last, whichever way it goes. */
export function sortedLines(lines: readonly Line[], { column, isDescending }: Sorting): Line[] {
  const sign = isDescending ? -1 : 1
  return [...lines].sort((a, b) => {
    const [left, right] = [keyOf(a, column), keyOf(b, column)]
    if (left === null || right === null) return Number(left === null) - Number(right === null) || byTime(a, b)
    return sign * compare(left, right) || byTime(a, b)
  })
}

function keyOf(line: Line, column: Column): string | number | null {
  switch (column) {
    case 'window':
      return line.window?.from ?? null
    case 'phase':
      return line.isPlaced ? PHASES.indexOf(line.phase) : -1
    case 'keeping':
      return line.window === null ? null : KEEPINGS.indexOf(line.keeping) - line.lateMinutes / 100_000
    case 'expected':
      return line.expected
    default:
      return line[column] === '' ? null : line[column]
  }
}

function compare(a: string | number, b: string | number): number {
  return typeof a === 'number' && typeof b === 'number' ? a - b : String(a).localeCompare(String(b))
}

function byTime(a: Line, b: Line): number {
  return (a.expected ?? a.window?.from ?? 0) - (b.expected ?? b.window?.from ?? 0) || a.id.localeCompare(b.id)
}
