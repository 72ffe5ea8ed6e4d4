import { describe, expect, it } from 'vitest'
import { factsOf, type Route, type Snapshot } from '../../src/board/facts'
import { figuresOf, joinRow, joinUnassigned } from '../../src/board/join'
import type { BoardVisit } from '../../src/board/model'
import { at, eta, ms, progress, route, snapshot, stop } from './day'

const WINDOW = { window_start: at('10:00'), window_end: at('12:00') }

function rowOf(own: Route, more: Partial<Snapshot> = {}) {
  return joinRow(own, factsOf(snapshot([own], more), false), 0)
}

function visitOf(own: Route, more: Partial<Snapshot> = {}): BoardVisit {
  return rowOf(own, more).visits[0]!
}

describe('when a visit is served', () => {
  it('is as planned while nothing is expected', () => {
    const visit = visitOf(route('Kim', [stop('a', '10:00', '10:30')]))
    expect(visit.service).toEqual({ from: ms('10:00'), to: ms('10:30') })
    expect(visit.arrival).toEqual({ middle: ms('10:00'), range: null })
  })

  it('is as expected, when somebody is there and the window is open', () => {
    const promised = { window_start: at('10:20'), window_end: at('12:00') }
    const visit = visitOf(route('Kim', [stop('a', '10:20', '10:50', promised)]), { etas: [eta('a', 'sh_Kim', '10:10', '11:20')] })
    expect(visit.service).toEqual({ from: ms('10:20'), to: ms('10:50') })
    expect(visit.arrival.middle).toBe(ms('10:10'))
  })

  it('ends on the board where the next one begins', () => {
    const shifts = [{ shift_id: 'sh_Kim', technician_id: 'tn_Kim', next_visit_id: null, ready_at: at('12:30'), latitude: 1, longitude: 2, is_out: false }]
    const own = route('Kim', [stop('a', '10:00', '10:30'), stop('b', '11:00', '11:30')])
    const row = rowOf(own, { shifts, progress: [progress('a', 'in_progress', { started_at: at('10:05') })], etas: [eta('b', 'sh_Kim', '12:00', '13:30')] })
    expect(row.visits.map((visit) => visit.service.to)).toEqual([ms('12:00'), ms('12:30')])
  })

  it('is as it happened', () => {
    const happened = { arrived_at: at('10:02'), started_at: at('10:05'), finished_at: at('10:45') }
    const visit = visitOf(route('Kim', [stop('a', '10:00', '10:30')]), { progress: [progress('a', 'done', happened)] })
    expect(visit.service).toEqual({ from: ms('10:05'), to: ms('10:45') })
    expect(visit.isAhead).toBe(false)
  })

  it('lasts as long as the technician is expected to be busy', () => {
    const shifts = [{ shift_id: 'sh_Kim', technician_id: 'tn_Kim', next_visit_id: null, ready_at: at('11:15'), latitude: 1, longitude: 2, is_out: false }]
    const own = route('Kim', [stop('a', '10:00', '10:30')])
    const visit = visitOf(own, { shifts, progress: [progress('a', 'in_progress', { started_at: at('10:05') })] })
    expect(visit.service).toEqual({ from: ms('10:05'), to: ms('11:15') })
  })

  it('takes nothing from what was expected on another route', () => {
    const visit = visitOf(route('Kim', [stop('a', '10:00', '10:30')]), { etas: [eta('a', 'sh_Lee', '14:00', '14:30')] })
    expect(visit.service.from).toBe(ms('10:00'))
  })
})

describe('what becomes of a promise', () => {
  const own = route('Kim', [stop('a', '11:00', '11:30', WINDOW)])

  it.each([
    ['is kept', '11:00', '11:30', {}, 'ok', 0],
    ['is at risk', '11:40', '12:10', { is_at_risk: true, kept_permille: 640 }, 'at_risk', 0],
    ['is hardly kept', '11:50', '12:20', { is_at_risk: true, kept_permille: 499 }, 'late', 0],
    ['is broken by 25 minutes', '12:25', '12:55', { is_at_risk: true, kept_permille: 300 }, 'late', 25],
  ] as const)('%s', (_, arrival, finish, more, keeping, minutes) => {
    const visit = visitOf(own, { etas: [eta('a', 'sh_Kim', arrival, finish, more)] })
    expect([visit.keeping, visit.lateMinutes]).toEqual([keeping, minutes])
  })

  it('is broken on a plan that is late', () => {
    const late = stop('a', '12:20', '12:50', { ...WINDOW, lateness_s: 1_200 })
    expect(visitOf(route('Kim', [late])).lateMinutes).toBe(20)
  })

  it('is nobody\'s business once the visit was called off', () => {
    const visit = visitOf(own, { progress: [progress('a', 'canceled', { finished_at: at('13:00') })] })
    expect([visit.keeping, visit.lateMinutes]).toEqual(['ok', 0])
  })
})

describe('what may be dragged', () => {
  const pinned = (edit_id: string | null) => ({ pin: { technician: true, sequence: false, start: false, off: null, edit_id } })

  it('is what is ahead', () => {
    expect(visitOf(route('Kim', [stop('a', '10:00', '10:30')])).isMovable).toBe(true)
  })

  it('is not what somebody is on the way to', () => {
    const shifts = [{ shift_id: 'sh_Kim', technician_id: 'tn_Kim', next_visit_id: 'a', ready_at: at('10:00'), latitude: 1, longitude: 2, is_out: false }]
    expect(visitOf(route('Kim', [stop('a', '10:00', '10:30')]), { shifts }).isMovable).toBe(false)
  })

  it('is not what is locked on purpose, but what was moved by hand before', () => {
    expect(visitOf(route('Kim', [stop('a', '10:00', '10:30', pinned(null))])).isMovable).toBe(false)
    expect(visitOf(route('Kim', [stop('a', '10:00', '10:30', pinned('pe_1'))])).isMovable).toBe(true)
  })

  it('is nothing of a date gone by', () => {
    const own = route('Kim', [stop('a', '10:00', '10:30')])
    expect(joinRow(own, factsOf(snapshot([own]), true), 0).visits[0]!.isMovable).toBe(false)
  })
})

it('is home later by as much as the last visit is later', () => {
  // Planned: done at 15:00, home at 15:30. Expected: done at 15:50, home at 16:20, 20 minutes after the end.
  const own = route('Kim', [stop('a', '14:30', '15:00')])
  const row = rowOf(own, { etas: [eta('a', 'sh_Kim', '15:20', '15:50')] })
  expect([row.end, row.overtimeSeconds]).toEqual([ms('16:20'), 1_200])
})

it('counts what a dispatcher can still do something about', () => {
  const own = route('Kim', [
    stop('a', '08:00', '08:30', { window_start: at('07:00'), window_end: at('08:00') }),
    stop('b', '11:00', '11:30', WINDOW),
    stop('c', '12:30', '13:00', { ...WINDOW, lateness_s: 1_800 }),
  ])
  const done = progress('a', 'done', { started_at: at('08:20'), finished_at: at('08:50') })
  const row = rowOf(own, { progress: [done], etas: [eta('b', 'sh_Kim', '11:50', '12:20', { is_at_risk: true, kept_permille: 600 })] })
  expect(figuresOf([row], [])).toMatchObject({ assigned: 3, done: 1, atRisk: 1, late: 1, unassigned: 0 })
})

it('lists first what has to be done first', () => {
  const without = (id: string, window_end: string | null, due_at: string | null, priority = 3) => {
    const { arrival_at, start_at, finish_at, departure_at, wait_s, slack_s, lateness_s, travel_s, distance_m, ...shown } = stop(id, '10:00', '10:30')
    void [arrival_at, start_at, finish_at, departure_at, wait_s, slack_s, lateness_s, travel_s, distance_m]
    return { ...shown, window_start: window_end && at('08:00'), window_end, due_at, priority, is_promised: window_end !== null, reasons: [], repair: null, repair_facts: null }
  }
  const found = snapshot([])
  found.plan.without_place = [without('some day', null, null), without('by 15:00', null, at('15:00')), without('at noon', at('12:00'), null), without('urgent', null, null, 5)]
  expect(joinUnassigned(factsOf(found, false)).map((visit) => visit.id)).toEqual(['at noon', 'by 15:00', 'urgent', 'some day'])
})

it('keeps what a technician who runs late has said', () => {
  const own = route('Kim', [stop('a', '10:00', '10:30')])
  const [said, unsaid] = [at('10:25'), null].map((expected_at) => visitOf(own, { progress: [progress('a', 'planned', { expected_at })] }))
  expect([said!.said, unsaid!.said]).toEqual([ms('10:25'), null])
})
