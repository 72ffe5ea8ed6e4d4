/** Why a promise is in danger, as far as the board can tell. */
import { isOver } from '../lib/status'
import type { BoardRow, BoardVisit, Instant } from './model'
import { nameOf } from './say'

export type Cause =
  | { kind: 'out'; reason: string }
  | { kind: 'late'; minutes: number }
  | { kind: 'could_be_late'; latest: Instant; end: Instant }
  | { kind: 'unlikely'; permille: number }
  | { kind: 'extended'; name: string; minutes: number }
  | { kind: 'overdue'; name: string; since: Instant }

/** What speaks against a visit's promise, the plainest first; nothing when nothing does. */
export function causesOf(visit: BoardVisit, row: BoardRow, present: Instant): Cause[] {
  if (visit.window === null || visit.keeping === 'ok' || isOver(visit.phase)) return []
  const causes: Cause[] = []
  if (row.isOut) causes.push({ kind: 'out', reason: row.outReason })
  const latest = visit.arrival.range?.to ?? null
  if (visit.lateMinutes > 0) causes.push({ kind: 'late', minutes: visit.lateMinutes })
  else if (latest !== null && latest > visit.window.to) causes.push({ kind: 'could_be_late', latest, end: visit.window.to })
  else if (visit.keptPermille !== null) causes.push({ kind: 'unlikely', permille: visit.keptPermille })
  return [...causes, ...upstream(visit, row, present)]
}

/** What holds the technician up before. */
function upstream(visit: BoardVisit, row: BoardRow, present: Instant): Cause[] {
  const causes: Cause[] = []
  for (const before of row.visits.slice(0, Math.max(0, visit.position))) {
    if (isOver(before.phase)) continue
    const begun = before.happened.started ?? before.happened.arrived
    const due = begun === null ? null : begun + before.durationSeconds * 1_000
    if (before.extensionSeconds > 0) {
      causes.push({ kind: 'extended', name: nameOf(before), minutes: Math.round(before.extensionSeconds / 60) })
    } else if (due !== null && due < present) {
      causes.push({ kind: 'overdue', name: nameOf(before), since: due })
    }
  }
  return causes
}
