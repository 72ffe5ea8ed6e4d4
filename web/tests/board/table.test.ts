import { expect, it } from 'vitest'
import { EVERYTHING } from '../../src/board/filter'
import { linesOf, sortedLines } from '../../src/board/table'
import { at, eta, progress, route, stop } from './day'
import { rowsOf, unassignedOf } from './rows'

const PROMISED = { window_start: at('11:00'), window_end: at('12:00') }
const ROWS = rowsOf(
  [
    route('Lee', [stop('a', '09:00', '10:00', { name: 'Meter' }), stop('b', '11:00', '11:30', { ...PROMISED, name: 'Boiler' })]),
    route('Kim', [stop('c', '09:30', '10:00', { ...PROMISED, name: 'Heat pump' })]),
  ],
  { etas: [eta('b', 'sh_Lee', '12:20', '12:50')], progress: [progress('a', 'in_progress', { started_at: at('09:00') })] },
)
const LINES = linesOf(ROWS, unassignedOf({ visit_id: 'd', name: 'Alarm' }), EVERYTHING)
const by = (column: Parameters<typeof sortedLines>[1]['column'], isDescending = false): string =>
  sortedLines(LINES, { column, isDescending }).map((line) => line.id).join('')

it('lists every visit once, whether it has a place or not', () => {
  expect(LINES.map((line) => line.id).sort()).toEqual(['a', 'b', 'c', 'd'])
})

it('sorts by what people read, and leaves what is empty at the end either way', () => {
  expect(by('name')).toBe('dbca')
  expect(by('technician')).toBe('cabd')
  expect(by('technician', true)).toBe('abcd')
  expect(by('expected')).toBe('acbd')
  expect(by('expected', true)).toBe('bcad')
})

it('puts the worst promise first', () => {
  expect(by('keeping').startsWith('b')).toBe(true)
})

it('puts first what has no place, then what is under way', () => {
  expect(by('phase').startsWith('da')).toBe(true)
})

it('leaves out what has no place when somebody asks for promises that break', () => {
  const late = linesOf(ROWS, unassignedOf({ visit_id: 'd' }), { ...EVERYTHING, keeping: 'late' })
  expect(late.map((line) => line.id)).toEqual(['b'])
})

it('offers no move of what has failed', () => {
  const [failed] = linesOf([], unassignedOf({ visit_id: 'd', state: 'failed' }), EVERYTHING)
  expect(failed!.isMovable).toBe(false)
})
