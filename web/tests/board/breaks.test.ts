import { expect, it } from 'vitest'
import type { Snapshot } from '../../src/board/facts'
import { at, eta, ms, progress, route, stop } from './day'
import { rowsOf } from './rows'

/** Kim pauses from 12:00 to 12:30, between a visit until 11:40 and one from 13:00. */
function pauseOf(more: Partial<Snapshot> = {}): string {
  const breaks = [{ name: 'Lunch', start: at('12:00'), end: at('12:30'), on_the_clock: true, paid: false }]
  const [row] = rowsOf([route('Kim', [stop('a', '11:00', '11:40'), stop('b', '13:00', '13:30')], { breaks })], more)
  const span = row!.breaks[0]!.span
  expect(span.to - span.from).toBe(ms('12:30') - ms('12:00'))
  return new Date(span.from).toISOString().slice(11, 16)
}

it('leaves a break where the plan has it while there is room', () => {
  expect(pauseOf()).toBe('12:00')
  expect(pauseOf({ etas: [eta('b', 'sh_Kim', '12:45', '13:15')] })).toBe('12:00')
})

it('puts a break behind a visit that takes longer', () => {
  const served = progress('a', 'in_progress', { arrived_at: at('11:00'), started_at: at('11:00'), extension_s: 3_600 })
  expect(pauseOf({ progress: [served], etas: [eta('b', 'sh_Kim', '13:30', '14:00')] })).toBe('12:40')
})

it('takes a break earlier when the next visit begins earlier', () => {
  expect(pauseOf({ etas: [eta('b', 'sh_Kim', '12:20', '12:50')] })).toBe('11:50')
})

it('puts a break behind the next visit when there is no room before it', () => {
  const begun = progress('b', 'in_progress', { arrived_at: at('11:55'), started_at: at('11:55') })
  const served = progress('a', 'done', { arrived_at: at('11:00'), started_at: at('11:00'), finished_at: at('11:40') })
  expect(pauseOf({ progress: [served, begun] })).toBe('12:25')
})

it('does not wait for a visit that was called off', () => {
  const off = progress('a', 'canceled', { finished_at: at('12:20') })
  expect(pauseOf({ progress: [off] })).toBe('12:00')
})
