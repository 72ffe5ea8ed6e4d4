import { expect, it } from 'vitest'
import { causesOf } from '../../src/board/why'
import { at, eta, ms, progress, route, stop } from './day'
import { rowsOf } from './rows'

const PROMISED = { window_start: at('11:00'), window_end: at('12:00') }
const DAY = route('Kim', [stop('a', '09:00', '10:00', { name: 'Boiler', duration_s: 3_600 }), stop('b', '11:00', '11:30', PROMISED)])

it('says nothing of a promise that is fine', () => {
  const [row] = rowsOf([DAY])
  expect(causesOf(row!.visits[1]!, row!, ms('09:00'))).toEqual([])
})

it('names how late it will be, and the visit before that takes longer', () => {
  const [row] = rowsOf([DAY], {
    etas: [eta('b', 'sh_Kim', '12:25', '12:55', { kept_permille: 100, is_at_risk: true })],
    progress: [progress('a', 'in_progress', { started_at: at('09:00'), extension_s: 5_400 })],
  })
  expect(causesOf(row!.visits[1]!, row!, ms('09:30'))).toEqual([
    { kind: 'late', minutes: 25 },
    { kind: 'extended', name: 'Customer of a, Boiler', minutes: 90 },
  ])
})

it('names the visit before that should have been over, though nobody has said that it takes longer', () => {
  const [row] = rowsOf([DAY], {
    etas: [eta('b', 'sh_Kim', '11:50', '12:20', { latest_at: at('12:10'), kept_permille: 600, is_at_risk: true })],
    progress: [progress('a', 'in_progress', { started_at: at('09:10') })],
  })
  expect(causesOf(row!.visits[1]!, row!, ms('10:30'))).toEqual([
    { kind: 'could_be_late', latest: ms('12:10'), end: ms('12:00') },
    { kind: 'overdue', name: 'Customer of a, Boiler', since: ms('10:10') },
  ])
})

it('begins with the technician who is out', () => {
  const [row] = rowsOf([DAY], {
    etas: [eta('b', 'sh_Kim', '12:30', '13:00', { is_at_risk: true })],
    technicians: [{ technician_id: 'tn_Kim', out_since: at('09:00'), out_reason: 'fell ill', latitude: null, longitude: null, seen_at: null }],
  })
  expect(causesOf(row!.visits[1]!, row!, ms('09:30'))[0]).toEqual({ kind: 'out', reason: 'fell ill' })
})

it('gives no reasons for what is over', () => {
  const [row] = rowsOf([DAY], { progress: [progress('b', 'done', { started_at: at('12:30'), finished_at: at('13:00') })] })
  expect(row!.visits[1]!.keeping).toBe('late')
  expect(causesOf(row!.visits[1]!, row!, ms('13:30'))).toEqual([])
})
