import { expect, it } from 'vitest'
import { asIf, move, otherTimes, type WhatIf } from '../../src/board/edits'
import { factsOf } from '../../src/board/facts'
import { joinRow, joinUnassigned } from '../../src/board/join'
import { at, eta, ms, progress, route, snapshot, stop } from './day'

const KIM = route('Kim', [stop('a', '09:00', '09:30'), stop('b', '10:00', '10:30')])
const LEE = route('Lee', [stop('c', '09:00', '09:30'), stop('d', '11:00', '11:30')])

function timed(visit_id: string, start: string, finish: string) {
  return { visit_id, arrival_at: at(start), start_at: at(start), finish_at: at(finish), lateness_s: 0 }
}

/** Lee is at work at c; b goes from Kim to before d, which begins half an hour later. */
const TRIED: WhatIf = {
  version: 3,
  needs_force: false,
  violations: [],
  at_risk: [],
  cost_change_cents: 120,
  cost_cents: {},
  overtime_change_s: 0,
  travel_change_s: 300,
  routes: [
    { technician_id: 'tn_Kim', shift_id: 'sh_Kim', before: [timed('a', '09:00', '09:30'), timed('b', '10:00', '10:30')], after: [timed('a', '09:00', '09:30')] },
    { technician_id: 'tn_Lee', shift_id: 'sh_Lee', before: [timed('d', '11:00', '11:30')], after: [timed('b', '10:40', '11:10'), timed('d', '11:30', '12:00')] },
  ],
}

const FACTS = factsOf(
  snapshot([KIM, LEE], {
    progress: [progress('c', 'in_progress', { started_at: at('09:00') })],
    etas: [eta('b', 'sh_Kim', '10:20', '10:50'), eta('d', 'sh_Lee', '11:05', '11:35')],
  }),
  false,
)

it('shows a move before it is done: behind whom it would be, and when', () => {
  const shown = asIf(FACTS, move('b', 'sh_Lee', 0), TRIED)
  const [kim, lee] = shown.plan.routes.map((own) => joinRow(own, shown, 0))
  expect(kim!.visits.map((visit) => visit.id)).toEqual(['a'])
  expect(lee!.visits.map((visit) => visit.id)).toEqual(['c', 'b', 'd'])
  expect(lee!.visits[1]!.service).toEqual({ from: ms('10:40'), to: ms('11:10') })
  expect(lee!.visits[2]!.service.from).toBe(ms('11:30'))
  expect(lee!.visits[0]!.phase).toBe('in_progress')
})

it('changes nothing of what it was shown over', () => {
  asIf(FACTS, move('b', 'sh_Lee', 0), TRIED)
  expect(FACTS.plan.routes[0]!.stops).toHaveLength(2)
  expect(FACTS.etas.has('b')).toBe(true)
})

it('puts what is taken off among the unassigned', () => {
  const off: WhatIf = { ...TRIED, routes: [TRIED.routes[0]!] }
  const shown = asIf(FACTS, { kind: 'unassign', visit_id: 'b' }, off)
  expect(joinUnassigned(shown).map((visit) => visit.id)).toEqual(['b'])
})

it('locks at once', () => {
  const nothing: WhatIf = { ...TRIED, routes: [] }
  const locked = asIf(FACTS, { kind: 'lock', visit_id: 'd', technician: true, sequence: false, start: false }, nothing)
  expect(joinRow(locked.plan.routes[1]!, locked, 0).visits[1]).toMatchObject({ isMovable: false, pin: { isLock: true } })
})

it('names whose time changes besides', () => {
  expect(otherTimes(TRIED, 'b')).toEqual(['d'])
})
