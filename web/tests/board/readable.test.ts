import { expect, it } from 'vitest'
import type { Violation } from '../../src/board/edits'
import { readable } from '../../src/board/readable'
import { route, stop } from './day'
import { rowsOf, unassignedOf } from './rows'

const [ROW] = rowsOf([route('Kim', [stop('vi_1', '09:00', '10:00')])])
const BOARD = { visit: (id: string) => ROW!.visits.find((visit) => visit.id === id), unassigned: unassignedOf({ visit_id: 'vi_2' }) }
const said = (message: string): string => readable({ message } as Violation, BOARD)

it('calls visits of the same name by their customers, wherever they are', () => {
  expect(said('Boiler (vi_1) is after Boiler (vi_2)')).toBe('Boiler (Customer of vi_1) is after Boiler (Customer of vi_2)')
})

it('leaves alone what it does not know', () => {
  expect(said('Boiler (vi_3) starts at 12:40, 40 min outside its windows')).toBe('Boiler (vi_3) starts at 12:40, 40 min outside its windows')
})
