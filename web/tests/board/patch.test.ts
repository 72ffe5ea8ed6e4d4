import { describe, expect, it } from 'vitest'
import { factsOf, type LiveShift } from '../../src/board/facts'
import { joinRow } from '../../src/board/join'
import { applyEvent, nothing, takePlan } from '../../src/board/patch'
import { eta, plan, progress, route, snapshot, stop } from './day'

const KIM = route('Kim', [stop('a', '09:00', '09:30'), stop('b', '10:00', '10:30')])
const LEE = route('Lee', [stop('c', '09:00', '09:30')])

function taken(kind: string, data: unknown, facts = factsOf(snapshot([KIM, LEE]), false)) {
  const patched = nothing()
  applyEvent(facts, { kind, data }, patched)
  return { facts, touched: [...patched.touched], wantsPlan: patched.wantsPlan }
}

describe('an event touches only the rows it is about', () => {
  it('of an expected arrival', () => {
    const { facts, touched } = taken('eta', { etas: [eta('b', 'sh_Kim', '10:20', '10:50')], removed: [] })
    expect(touched).toEqual(['sh_Kim'])
    expect(facts.etas.get('b')!.arrival_at).toContain('10:20')
  })

  it('of what is expected no more', () => {
    const facts = factsOf(snapshot([KIM, LEE], { etas: [eta('c', 'sh_Lee', '09:10', '09:40')] }), false)
    expect(taken('eta', { etas: [], removed: ['c', 'unknown'] }, facts).touched).toEqual(['sh_Lee'])
    expect(facts.etas.size).toBe(0)
  })

  it('of progress', () => {
    const { facts, touched } = taken('progress', { visits: [progress('c', 'arrived')] })
    expect(touched).toEqual(['sh_Lee'])
    expect(facts.progress.get('c')!.phase).toBe('arrived')
  })

  it('of a technician', () => {
    const state = { technician_id: 'tn_Lee', out_since: null, out_reason: '', latitude: 1, longitude: 2, seen_at: null }
    expect(taken('technician', { technicians: [state] }).touched).toEqual(['sh_Lee'])
  })

  it('of a shift within reach again', () => {
    const live = { shift_id: 'sh_Lee', technician_id: 'tn_Lee', is_out: false } as LiveShift
    const facts = factsOf(snapshot([KIM, LEE], { cut_off: { sh_Lee: 'no way to the island' } }), false)
    expect(joinRow(LEE, facts, 0).cutOff).toBe('no way to the island')
    expect(taken('eta', { etas: [], shifts: [live] }, facts).touched).toEqual(['sh_Lee'])
    expect(joinRow(LEE, facts, 0).cutOff).toBeNull()
  })

  it('of a shift that no road leads to any more', () => {
    const facts = factsOf(snapshot([KIM, LEE]), false)
    expect(taken('eta', { etas: [], cut_off: { sh_Lee: 'no way to the island' } }, facts).touched).toEqual(['sh_Lee'])
    expect(joinRow(LEE, facts, 0).cutOff).toBe('no way to the island')
  })

  it('and none by what is about another date', () => {
    expect(taken('progress', { visits: [progress('elsewhere', 'done')] }).touched).toEqual([])
  })
})

describe('a plan', () => {
  it('is read when it has a newer version only', () => {
    expect(taken('plan', { version: 4, shifts: ['sh_Kim'] }).wantsPlan).toBe(true)
    expect(taken('plan', { version: 3, shifts: ['sh_Kim'] }).wantsPlan).toBe(false)
  })

  it('touches the rows whose routes differ', () => {
    const facts = factsOf(snapshot([KIM, LEE]), false)
    const moved = [route('Kim', [KIM.stops[0]!]), route('Lee', [...LEE.stops, KIM.stops[1]!]), route('Mo', [])]
    const same = factsOf(snapshot([KIM, LEE, route('Mo', [])]), false)
    expect(takePlan(same, plan(moved, { version: 4 }))).toEqual(new Set(['sh_Kim', 'sh_Lee']))
    expect(same.homes.get('b')).toBe('sh_Lee')
    expect(takePlan(facts, plan(moved, { version: 4 }))).toBeNull()
  })
})
