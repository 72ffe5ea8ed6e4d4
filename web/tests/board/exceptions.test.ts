import { expect, it } from 'vitest'
import { countOf, exceptionsOf } from '../../src/board/exceptions'
import { at, eta, progress, route, stop } from './day'
import { rowsOf, unassignedOf } from './rows'

const PROMISED = { window_start: at('11:00'), window_end: at('12:00') }

it('puts first who is out, then what breaks, the nearest deadline first, and last what nobody was promised', () => {
  const rows = rowsOf(
    [
      route('Kim', [stop('a', '11:00', '11:30', PROMISED), stop('b', '13:00', '13:30', { window_start: at('13:00'), window_end: at('14:00') })]),
      route('Lee', [stop('c', '11:00', '11:30', PROMISED)]),
    ],
    {
      etas: [
        eta('a', 'sh_Kim', '11:40', '12:10', { is_at_risk: true }),
        eta('b', 'sh_Kim', '14:20', '14:50', { is_at_risk: true }),
      ],
      technicians: [{ technician_id: 'tn_Lee', out_since: at('09:00'), out_reason: '', latitude: null, longitude: null, seen_at: null }],
    },
  )
  const found = exceptionsOf(rows, unassignedOf({ visit_id: 'd' }, { visit_id: 'e', ...PROMISED }))
  expect(found.map((exception) => [exception.kind, exception.id])).toEqual([
    ['out', 'sh_Lee'],
    ['late', 'b'],
    ['unassigned', 'e'],
    ['at_risk', 'a'],
    ['unassigned', 'd'],
  ])
  expect(countOf(found)).toEqual({ out: 1, late: 1, unassigned: 2, at_risk: 1 })
})

it('has nothing to say of what is over', () => {
  const rows = rowsOf([route('Kim', [stop('a', '12:30', '13:00', PROMISED)])], {
    progress: [progress('a', 'done', { started_at: at('12:30'), finished_at: at('13:00') })],
  })
  expect(exceptionsOf(rows, [])).toEqual([])
})
