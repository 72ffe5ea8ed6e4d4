/** Rows as the board makes them, for tests of what is shown of them. */
import { factsOf, type Route, type Snapshot } from '../../src/board/facts'
import { joinRow, joinUnassigned } from '../../src/board/join'
import type { BoardRow, UnassignedVisit } from '../../src/board/model'
import { snapshot, stop } from './day'

export function rowsOf(routes: Route[], more: Partial<Snapshot> = {}): BoardRow[] {
  const facts = factsOf(snapshot(routes, more), false)
  return routes.map((route, index) => joinRow(route, facts, index))
}

type Without = Snapshot['plan']['without_place'][number]

/** Visits without a place, the nearest deadline first. */
export function unassignedOf(...visits: (Partial<Without> & { visit_id: string })[]): UnassignedVisit[] {
  const given = snapshot([])
  given.plan.without_place = visits.map((visit) => {
    const { arrival_at, start_at, finish_at, departure_at, wait_s, slack_s, lateness_s, travel_s, distance_m, ...shown } = stop(
      visit.visit_id,
      '10:00',
      '10:30',
    )
    void [arrival_at, start_at, finish_at, departure_at, wait_s, slack_s, lateness_s, travel_s, distance_m]
    return { ...shown, is_promised: visit.window_end != null, due_at: null, reasons: [], repair: null, repair_facts: null, ...visit }
  })
  return joinUnassigned(factsOf(given, false))
}
