/** What needs somebody's attention now, the most urgent first: the way to look at a day on a phone. */
import { isOver } from '../lib/status'
import type { BoardRow, BoardVisit, UnassignedVisit } from './model'

export type Exception =
  | { kind: 'out'; id: string; row: BoardRow; left: number }
  | { kind: 'late' | 'at_risk'; id: string; row: BoardRow; visit: BoardVisit }
  | { kind: 'unassigned'; id: string; visit: UnassignedVisit }
export type ExceptionKind = Exception['kind']

/** Somebody who is out first, for that breaks most; then by how soon and how surely a promise breaks. */
const RANKS: Readonly<Record<ExceptionKind, number>> = { out: 0, late: 1, unassigned: 2, at_risk: 3 }

export function exceptionsOf(rows: readonly BoardRow[], unassigned: readonly UnassignedVisit[]): Exception[] {
  const found: Exception[] = []
  for (const row of rows) {
    const ahead = row.visits.filter((visit) => !isOver(visit.phase))
    if (row.isOut) found.push({ kind: 'out', id: row.shiftId, row, left: ahead.length })
    for (const visit of ahead) {
      if (visit.keeping !== 'ok') found.push({ kind: visit.keeping, id: visit.id, row, visit })
    }
  }
  for (const visit of unassigned) found.push({ kind: 'unassigned', id: visit.id, visit })
  return found.sort((a, b) => rank(a) - rank(b) || deadline(a) - deadline(b))
}

/** A visit that nobody has been promised can wait behind one that somebody has. */
function rank(exception: Exception): number {
  return RANKS[exception.kind] + (exception.kind === 'unassigned' && !exception.visit.isPromised ? 2 : 0)
}

function deadline(exception: Exception): number {
  return exception.kind === 'out' ? 0 : (exception.visit.window?.to ?? Infinity)
}

export function countOf(exceptions: readonly Exception[]): Record<ExceptionKind, number> {
  const counts = { out: 0, late: 0, unassigned: 0, at_risk: 0 }
  for (const exception of exceptions) counts[exception.kind] += 1
  return counts
}
