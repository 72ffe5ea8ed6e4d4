/** Which rows and visits are shown, which stand out, and in which order rows come. */
import { isOver, type Keeping } from '../lib/status'
import { lateness } from './join'
import type { BoardRow, BoardVisit, Filter, Order, UnassignedVisit } from './model'

export const EVERYTHING: Filter = { search: '', keeping: null, onlyOvertime: false, skill: null }

/** Whether a visit is what is looked for; the rest fades. */
export function isWanted(visit: BoardVisit, row: BoardRow, filter: Filter): boolean {
  if (filter.keeping !== null && !isKept(visit, filter.keeping)) return false
  if (filter.skill !== null && !(filter.skill in visit.skills)) return false
  return isFound([visit.name, visit.customerName, visit.address, row.technicianName], filter.search)
}

/** As the key figures count: what is over is neither late nor at risk any more. */
function isKept(visit: BoardVisit, keeping: Keeping): boolean {
  return visit.keeping === keeping && !isOver(visit.phase)
}

export function isWantedUnassigned(visit: UnassignedVisit, filter: Filter): boolean {
  if (filter.skill !== null && !(filter.skill in visit.skills)) return false
  return isFound([visit.name, visit.customerName, visit.address], filter.search)
}

/** Every word has to be in one of the texts. */
function isFound(texts: readonly string[], search: string): boolean {
  const words = search.toLowerCase().split(/\s+/).filter(Boolean)
  if (words.length === 0) return true
  const all = texts.join('\n').toLowerCase()
  return words.every((word) => all.includes(word))
}

/** Whether anything is to fade. */
export function fades(filter: Filter): boolean {
  return filter.search.trim() !== '' || filter.keeping !== null || filter.skill !== null
}

/** What stands out, after the one that is selected, or the first: visits row by row, then those without a place. */
export function nextHit(
  rows: readonly BoardRow[],
  unassigned: readonly UnassignedVisit[],
  filter: Filter,
  selectedId: string | null,
): string | null {
  if (!fades(filter)) return null
  const hits = [
    ...rows.flatMap((row) => row.visits.filter((visit) => isWanted(visit, row, filter))),
    ...unassigned.filter((visit) => isWantedUnassigned(visit, filter)),
  ]
  const after = hits.findIndex((visit) => visit.id === selectedId) + 1
  return (hits[after] ?? hits[0])?.id ?? null
}

/** Rows to be shown. A search hides none: what it finds stands out where it is. */
export function isShown(row: BoardRow, filter: Filter): boolean {
  if (filter.onlyOvertime && row.overtimeSeconds < 60) return false
  if (filter.skill !== null && !(filter.skill in row.skills)) return false
  const keeping = filter.keeping
  return keeping === null || row.visits.some((visit) => isKept(visit, keeping))
}

/** Shift ids in an order. It is made when somebody asks for it: rows that jump while one works on them help nobody. */
export function sorted(rows: readonly BoardRow[], order: Order, onTop: ReadonlySet<string>): string[] {
  const byName = (a: BoardRow, b: BoardRow): number =>
    a.technicianName.localeCompare(b.technicianName, undefined, { numeric: true }) || a.shift.from - b.shift.from
  const by: Readonly<Record<Order, (a: BoardRow, b: BoardRow) => number>> = {
    name: byName,
    lateness: (a, b) => lateness(b) - lateness(a) || byName(a, b),
    start: (a, b) => a.shift.from - b.shift.from || byName(a, b),
  }
  const top = (row: BoardRow): number => (onTop.has(row.shiftId) ? 0 : 1)
  return [...rows].sort((a, b) => top(a) - top(b) || by[order](a, b)).map((row) => row.shiftId)
}
