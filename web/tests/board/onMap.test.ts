import { expect, it } from 'vitest'
import { EVERYTHING } from '../../src/board/filter'
import { routesOf, stopsOf, vehiclesOf } from '../../src/board/onMap'
import { initials } from '../../src/board/say'
import { at, eta, progress, route, stop } from './day'
import { rowsOf, unassignedOf } from './rows'

const NOBODY = { visitId: null, shiftId: null, technicianId: null, filter: EVERYTHING }
const PROMISED = { window_start: at('11:00'), window_end: at('12:00') }
const ROUTES = [
  route('Kim', [stop('a', '09:00', '10:00'), stop('b', '11:00', '11:30', PROMISED)]),
  route('Lee', [stop('c', '09:00', '10:00')]),
]
const name = (visit: { name: string }): string => visit.name

it('shows dots, and no route, as long as all is well and nobody looks', () => {
  const rows = rowsOf(ROUTES)
  const stops = stopsOf(rows, unassignedOf({ visit_id: 'd' }), NOBODY, name)
  expect(stops.map((dot) => [dot.id, dot.color, dot.number, dot.isFaded])).toEqual([
    ['a', 0, null, false],
    ['b', 0, null, false],
    ['c', 1, null, false],
    ['d', null, null, false],
  ])
  expect(routesOf(rows, NOBODY)).toEqual([])
})

it('numbers the stops of the technician whose visit is chosen, and lets the others stand back', () => {
  const rows = rowsOf(ROUTES)
  const looking = { ...NOBODY, visitId: 'b' }
  const stops = new Map(stopsOf(rows, [], looking, name).map((dot) => [dot.id, dot]))
  expect([stops.get('a')!.number, stops.get('b')!.number, stops.get('c')!.number]).toEqual([1, 2, null])
  expect([stops.get('b')!.isSelected, stops.get('a')!.isFaded, stops.get('c')!.isFaded]).toEqual([true, false, true])
  expect(routesOf(rows, looking).map((line) => [line.id, line.path.length, line.isFaint])).toEqual([['sh_Kim', 2, false]])
})

it('draws what is left of a route that keeps a promise too late, from where its technician is', () => {
  const rows = rowsOf(ROUTES, {
    etas: [eta('b', 'sh_Kim', '12:30', '13:00')],
    progress: [progress('a', 'done', { finished_at: at('10:30') })],
    technicians: [{ technician_id: 'tn_Kim', out_since: null, out_reason: '', latitude: 38.95, longitude: -77.01, seen_at: at('10:31') }],
  })
  const [line] = routesOf(rows, NOBODY)
  expect(line!.isFaint).toBe(true)
  expect(line!.path.map((point) => point.latitude)).toEqual([38.95, 38.9])
  expect(vehiclesOf(rows).map((vehicle) => [vehicle.id, vehicle.label])).toEqual([['tn_Kim', 'KI']])
})

it('shows the route of whoever is pointed at beside the chosen one', () => {
  const shown = routesOf(rowsOf(ROUTES), { ...NOBODY, shiftId: 'sh_Kim', technicianId: 'tn_Lee' })
  expect(shown.map((line) => [line.id, line.isFaint])).toEqual([
    ['sh_Kim', false],
    ['sh_Lee', true],
  ])
})

it('lets stand back what is not looked for', () => {
  const looking = { ...NOBODY, filter: { ...EVERYTHING, search: 'lee' } }
  const stops = stopsOf(rowsOf(ROUTES), unassignedOf({ visit_id: 'd' }), looking, name)
  expect(stops.filter((dot) => !dot.isFaded).map((dot) => dot.id)).toEqual(['c'])
})

it('shortens names to two letters', () => {
  expect(['Ada Lee Archer', 'Zoë', 'Ö', ''].map(initials)).toEqual(['AA', 'ZO', 'Ö', '?'])
})
