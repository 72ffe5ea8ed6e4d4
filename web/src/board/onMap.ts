/** What of the day the map shows: dots of all visits, and the routes somebody looks at or that are in trouble. */
import type { MapRoute, MapStop, MapVehicle } from '../lib/map/engine'
import { isOver } from '../lib/status'
import { fades, isWanted, isWantedUnassigned } from './filter'
import type { BoardRow, BoardVisit, Filter, UnassignedVisit } from './model'
import { initials } from './say'

export interface Looking {
  visitId: string | null
  shiftId: string | null
  /** The technician pointed at on the timeline. */
  technicianId: string | null
  /** What is looked for stands out here as on the timeline. */
  filter: Filter
}

/** The row that is looked at: that of the visit, or the technician's own. */
export function chosenRow(
  rows: readonly BoardRow[],
  looking: Pick<Looking, 'visitId' | 'shiftId'>,
): BoardRow | undefined {
  const { visitId, shiftId } = looking
  if (shiftId !== null) return rows.find((row) => row.shiftId === shiftId)
  return visitId === null ? undefined : rows.find((row) => row.visits.some((visit) => visit.id === visitId))
}

export function stopsOf(
  rows: readonly BoardRow[],
  unassigned: readonly UnassignedVisit[],
  looking: Looking,
  label: (visit: BoardVisit | UnassignedVisit, row: BoardRow | null) => string,
): MapStop[] {
  const chosen = chosenRow(rows, looking)
  const isSearch = fades(looking.filter)
  const stops = rows.flatMap((row) =>
    row.visits.map((visit): MapStop => {
      const isChosen = row === chosen
      return {
        id: visit.id,
        at: visit,
        color: row.color,
        keeping: visit.keeping,
        isOver: isOver(visit.phase),
        isSelected: visit.id === looking.visitId,
        isFaded:
          (isSearch && !isWanted(visit, row, looking.filter)) ||
          (chosen !== undefined && !isChosen && row.technicianId !== looking.technicianId),
        number: isChosen ? visit.position + 1 : null,
        label: () => label(visit, row),
        technicianId: row.technicianId,
      }
    }),
  )
  const without = unassigned.map((visit): MapStop => {
    const isSelected = visit.id === looking.visitId
    return {
      id: visit.id,
      at: visit,
      color: null,
      keeping: 'ok',
      isOver: false,
      isSelected,
      isFaded: (isSearch && !isWantedUnassigned(visit, looking.filter)) || (chosen !== undefined && !isSelected),
      number: null,
      label: () => label(visit, null),
      technicianId: null,
    }
  })
  // What is drawn last lies on top.
  return [...stops, ...without].sort((a, b) => Number(isInFront(a)) - Number(isInFront(b)))
}

function isInFront(stop: MapStop): boolean {
  return stop.isSelected || stop.number !== null
}

/** All routes at once are a hairball: only those of the technician chosen or pointed at, and what is left of late ones. */
export function routesOf(rows: readonly BoardRow[], looking: Looking): MapRoute[] {
  const chosen = chosenRow(rows, looking)
  return rows.flatMap((row): MapRoute[] => {
    if (row === chosen || row.technicianId === looking.technicianId) {
      return [{ id: row.shiftId, color: row.color, path: row.visits, isFaint: row !== chosen }]
    }
    const ahead = row.visits.filter((visit) => !isOver(visit.phase))
    if (chosen !== undefined || !ahead.some((visit) => visit.keeping === 'late')) return []
    return [{ id: row.shiftId, color: row.color, path: row.position === null ? ahead : [row.position, ...ahead], isFaint: true }]
  })
}

export function vehiclesOf(rows: readonly BoardRow[]): MapVehicle[] {
  return rows.flatMap((row) =>
    row.position === null
      ? []
      : [{ id: row.technicianId, at: row.position, color: row.color, isOut: row.isOut, label: initials(row.technicianName) }],
  )
}
