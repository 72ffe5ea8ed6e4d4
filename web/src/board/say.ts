/** Visits, edits and what goes wrong with them, in words. */
import { ApiError } from '../lib/api/client'
import { common } from '../lib/i18n/common'
import { clock, clockRange, duration } from '../lib/time/format'
import type { Edit } from './edits'
import { lateness } from './join'
import type { BoardRow, BoardVisit } from './model'
import type { Board } from './store.svelte'
import { t } from './texts'

export function nameOf(visit: { name: string; customerName: string } | undefined): string {
  return visit === undefined ? '' : [visit.customerName, visit.name].filter(Boolean).join(', ')
}

/** `AL` of Ada Lee; two letters of a single name. */
export function initials(name: string): string {
  const words = name.split(/\s+/).filter(Boolean)
  const letters = words.length > 1 ? [words[0]!, words.at(-1)!].map((word) => [...word][0]!) : [...(words[0] ?? '?')].slice(0, 2)
  return letters.join('').toUpperCase()
}

/** A visit as screen readers say it: who, how it stands, when, what is promised and what becomes of it. */
export function labelOf(visit: BoardVisit, zone: string): string {
  const { from, to } = visit.service
  const parts = [
    nameOf(visit),
    common(`phase_${visit.phase}`),
    clockRange(new Date(from), new Date(to), zone),
    t('expected', { time: clock(new Date(visit.arrival.middle), zone) }),
  ]
  const range = visit.arrival.range
  if (range !== null) parts.push(t('between', { range: clockRange(new Date(range.from), new Date(range.to), zone) }))
  const window = visit.window
  parts.push(window === null ? t('nothing_promised') : t('promised_window', { window: clockRange(new Date(window.from), new Date(window.to), zone) }))
  if (visit.lateMinutes > 0) parts.push(t('late_by', { n: visit.lateMinutes }))
  else if (visit.keeping !== 'ok') parts.push(common(`keeping_${visit.keeping}`))
  if (visit.pin !== null) parts.push(visit.pin.isLock ? t('locked') : t('moved_by_hand'))
  return parts.join(', ')
}

/** A row as screen readers say it: who, when, and what its marks show. */
export function rowLabelOf(row: BoardRow, zone: string): string {
  const { from, to } = row.shift
  const said = { skills: skillWords(row.skills), from: clock(new Date(from), zone), to: clock(new Date(to), zone) }
  const parts = [t('row_label', { name: row.technicianName, n: row.visits.length, ...said })]
  const late = lateness(row)
  if (row.isOut) parts.push(t('out'))
  if (row.cutOff !== null) parts.push(t('cut_off'))
  if (late > 0) parts.push(t('late_by', { n: late }))
  if (row.overtimeSeconds >= 60) parts.push(`${t('overtime')} ${duration(row.overtimeSeconds)}`)
  return parts.join(', ')
}

/** `gas 2, water`: levels above the first are said. */
export function skillWords(skills: Readonly<Record<string, number>>): string {
  return Object.entries(skills)
    .map(([name, level]) => (level > 1 ? `${name} ${level}` : name))
    .join(', ')
}

/** Why a visit cannot be moved; null = it can. */
export function whyFixed(visit: BoardVisit, row: BoardRow | undefined): string | null {
  if (visit.isMovable) return null
  if (visit.phase === 'arrived' || visit.phase === 'in_progress') return t('cannot_move_on_site')
  if (visit.phase === 'traveling' || row?.nextVisitId === visit.id) return t('cannot_move_underway')
  if (visit.phase !== 'planned') return t('cannot_move_over')
  return visit.isAhead ? t('cannot_move_locked') : t('cannot_move_past')
}

/** What is said once an edit is made. */
export function saidOf(edit: Edit, board: Board): string {
  const visitId = 'visit_id' in edit ? edit.visit_id : null
  const visit = visitId === null ? undefined : (board.visit(visitId) ?? board.unassigned.find((it) => it.id === visitId))
  const name = nameOf(visit)
  switch (edit.kind) {
    case 'move':
      return t('made_move', { name, technician: board.row(edit.shift_id)?.technicianName ?? '' })
    case 'unassign':
      return t('made_unassign', { name })
    case 'lock':
      return t('made_lock', { name })
    case 'unlock':
      return t('made_unlock', { name })
    default:
      return t('made', { name })
  }
}

export function whyNot(error: unknown): string {
  if (!(error instanceof ApiError)) return common('unexpected')
  if (error.code === 'offline') return common('offline')
  if (error.status === 412) return t('conflict')
  return t('not_done', { why: error.faults[0] ? `${error.message} ${error.faults[0].expected}` : error.message })
}
