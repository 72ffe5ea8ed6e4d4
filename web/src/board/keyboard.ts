/** Where the keys lead on the grid: among rows, and among the visits of a row. */
import type { BoardRow, BoardVisit } from './model'

/** The cell that has the grid's one tab stop: a visit, or the row itself when it has none. */
export interface Cell {
  shiftId: string
  visitId: string | null
}

const PAGE = 10

/** Where a key leads from a cell; null = it leads nowhere. */
export function lead(rows: readonly BoardRow[], from: Cell | null, key: string, isCtrl: boolean): Cell | null {
  const index = rows.findIndex((row) => row.shiftId === from?.shiftId)
  const row = rows[index]
  if (from === null || row === undefined) return rows[0] === undefined ? null : cellOf(rows[0], 0)
  const position = row.visits.findIndex((visit) => visit.id === from.visitId)
  switch (key) {
    case 'ArrowRight':
      return position + 1 < row.visits.length ? cellOf(row, position + 1) : null
    case 'ArrowLeft':
      return position > 0 ? cellOf(row, position - 1) : null
    case 'Home':
      return isCtrl ? cellOf(rows[0]!, 0) : cellOf(row, 0)
    case 'End':
      return isCtrl ? cellOf(rows.at(-1)!, 0) : cellOf(row, row.visits.length - 1)
    case 'ArrowDown':
    case 'ArrowUp':
    case 'PageDown':
    case 'PageUp': {
      const step = (key.startsWith('Page') ? PAGE : 1) * (key.endsWith('Down') ? 1 : -1)
      const target = rows[Math.max(0, Math.min(rows.length - 1, index + step))]!
      return target === row ? null : near(target, row.visits[position])
    }
    default:
      return null
  }
}

function cellOf(row: BoardRow, position: number): Cell {
  return { shiftId: row.shiftId, visitId: row.visits[position]?.id ?? null }
}

/** The visit of a row that is nearest in time. */
function near(row: BoardRow, to: BoardVisit | undefined): Cell {
  if (to === undefined) return cellOf(row, 0)
  const away = (visit: BoardVisit): number => Math.abs(visit.service.from - to.service.from)
  const best = row.visits.reduce((found, visit, i) => (away(visit) < away(row.visits[found]!) ? i : found), 0)
  return cellOf(row, best)
}

/** The cell that is focused when its row or visit has gone: its row's nearest, or the first. */
export function settled(rows: readonly BoardRow[], cell: Cell | null): Cell | null {
  const row = rows.find((found) => found.shiftId === cell?.shiftId)
  if (row === undefined) return rows[0] === undefined ? null : cellOf(rows[0], 0)
  return row.visits.some((visit) => visit.id === cell?.visitId) ? cell : cellOf(row, 0)
}

/** How many places a visit can have on a row: before each of the others that are ahead, and after all. */
export function numPlaces(row: BoardRow, visitId: string): number {
  return others(row, visitId).length + 1
}

/** Visits ahead on a row, without the one that is moved. */
export function others(row: BoardRow, visitId: string): BoardVisit[] {
  return row.visits.filter((visit) => visit.isAhead && visit.id !== visitId)
}

/** How many of a row's visits ahead come before an instant: the position of something dropped there. */
export function positionAt(row: BoardRow, visitId: string, at: number): number {
  return others(row, visitId).filter((visit) => (visit.service.from + visit.service.to) / 2 < at).length
}

/** Where a visit is now, counted like that; null = not on this row. */
export function positionOf(row: BoardRow, visitId: string): number | null {
  const index = row.visits.filter((visit) => visit.isAhead).findIndex((visit) => visit.id === visitId)
  return index < 0 ? null : index
}
