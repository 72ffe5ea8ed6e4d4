import { describe, expect, it } from 'vitest'
import { seenAfter, seenNow } from '../../src/tech/changes'
import { arrivalOf, canReopen, finishOf, merge, type MyDay } from '../../src/tech/day'
import { itemsOf, partsOf } from '../../src/tech/list'
import { promised } from '../../src/tech/keeping'
import type { DayStop } from '../../src/tech/types'
import { at, day, event, stop } from './builders'

function phases(merged: MyDay): string[] {
  return merged.shifts.flatMap((shift) => shift.stops.map((one) => one.phase))
}

const progress = {
  visit_id: 'ada',
  phase: 'in_progress' as const,
  technician_id: 'tn_kim',
  travel_started_at: at('8:20'),
  arrived_at: at('8:31'),
  started_at: at('8:35'),
  finished_at: null,
  extension_s: 0,
  expected_at: null,
  reason: '',
}

describe('a day and what the service does not know yet', () => {
  it('goes through the steps of a visit as they are tapped', () => {
    const steps = [event('travel_started', 'ada', '8:20'), event('arrived', 'ada', '8:31'), event('started', 'ada', '8:35')]
    expect(phases(merge(day(), steps.slice(0, 1), null))).toEqual(['traveling', 'planned', 'planned'])
    const merged = merge(day(), steps, null)
    expect(merged.current).toMatchObject({ phase: 'in_progress', startedAt: at('8:35'), arrivedAt: at('8:31'), unsent: 3 })
    // Planned for half an hour from 8:30 on, begun at 8:35.
    expect(finishOf(merged.current!)).toBe(Date.parse(at('9:05')))
  })

  it('goes on with what the service knows already', () => {
    const known = day([stop('ada', 0, { phase: 'in_progress', progress }), stop('ben', 1)])
    const merged = merge(known, [event('done', 'ada', '9:10')], null)
    expect(phases(merged)).toEqual(['done', 'planned'])
    expect(merged.current?.stop.visit_id).toBe('ben')
  })

  it('takes an event of which the day already knows for what it is: nothing new', () => {
    const known = day([stop('ada', 0, { phase: 'in_progress', progress })])
    const again = [event('arrived', 'ada', '8:31', { state: 'sent' }), event('started', 'ada', '8:35', { state: 'sent' })]
    expect(merge(known, again, null).current).toMatchObject({ phase: 'in_progress', startedAt: at('8:35'), unsent: 0 })
  })

  it('reads events in the order in which they happened, not in which they were written', () => {
    const events = [event('started', 'ada', '8:35'), event('arrived', 'ada', '8:31')]
    expect(merge(day(), events, null).current).toMatchObject({ phase: 'in_progress', arrivedAt: at('8:31') })
  })

  it('takes steps that were not tapped as read, except that nobody was at home', () => {
    for (const kind of ['extended', 'done', 'could_not_complete'] as const) {
      expect(phases(merge(day(), [event(kind, 'ada', '8:40')], null))[0]).not.toBe('planned')
    }
    const unopened = event('no_show', 'ada', '8:50')
    expect(phases(merge(day(), [unopened], null))[0]).toBe('planned')
    expect(phases(merge(day(), [event('arrived', 'ada', '8:31'), unopened], null))[0]).toBe('failed')
  })

  it('leaves out what was refused: the visit stands as the service says', () => {
    const refusal = { status: 422, code: 'invalid_input', message: 'no' }
    const events = [event('travel_started', 'ada', '8:20', { state: 'refused', refusal })]
    expect(phases(merge(day(), events, null))).toEqual(['planned', 'planned', 'planned'])
  })

  it('believes the technician about when to be there, until being there', () => {
    const late = event('delayed', 'ada', '8:20', { expected_at: at('10:10') })
    const merged = merge(day(), [late], null)
    expect(arrivalOf(merged.current!)).toBe(at('10:10'))
    expect(promised(merged.current!)).toEqual({ keeping: 'late', minutes: 10 })
    const there = merge(day(), [event('arrived', 'ada', '8:30'), event('delayed', 'ada', '8:31', { expected_at: at('9:00') })], null)
    expect(there.current?.expectedAt).toBeNull()
  })

  it('adds up what is asked for beyond the plan', () => {
    const events = [event('started', 'ada', '8:30'), event('extended', 'ada', '8:50', { minutes: 15 })]
    expect(finishOf(merge(day(), events, null).current!)).toBe(Date.parse(at('9:15')))
  })
})

describe('a plan that changes meanwhile', () => {
  const morning = seenNow(day(), null)
  const none = () => null

  it('says what is new and what has moved, and no more once that was seen', () => {
    const moved = stop('ben', 1, { arrival_at: at('11:00') })
    const changed = day([stop('ada', 0), moved, stop('dan', 2)])
    const seen = seenAfter(changed, morning, none)
    const merged = merge(changed, [], seen)
    expect(merged.shifts[0]?.stops.map((one) => one.change)).toEqual([null, 'moved', 'new'])
    expect(merged.gone.map((one) => [one.stop.visit_id, one.isTakenAway])).toEqual([['cleo', true]])
    expect(merged.changes).toBe(3)
    expect(merge(changed, [], seenNow(changed, seen)).changes).toBe(0)
  })

  it('is no news when a visit moves by a minute', () => {
    const changed = day([stop('ada', 0), stop('ben', 1, { arrival_at: at('10:31') }), stop('cleo', 2)])
    expect(merge(changed, [], seenAfter(changed, morning, none)).changes).toBe(0)
  })

  it('keeps the visit that is being worked on although it was taken away', () => {
    const rest = day([stop('ben', 1), stop('cleo', 2)])
    const events = [event('arrived', 'ada', '8:31')]
    const merged = merge(rest, events, seenAfter(rest, morning, none))
    expect(merged.current).toMatchObject({ phase: 'arrived', isTakenAway: true })
    expect(merge(rest, [...events, event('done', 'ada', '9:00')], seenAfter(rest, morning, none)).current?.stop.visit_id).toBe('ben')
  })

  it('does not call taken away what has failed: that leaves the plan by itself', () => {
    const rest = day([stop('ben', 1), stop('cleo', 2)])
    const seen = seenAfter(rest, morning, () => ({ phase: 'failed', finishedAt: at('9:10'), technicianId: 'tn_kim' }))
    expect(merge(rest, [], seen).gone).toMatchObject([{ phase: 'failed', isTakenAway: false }])
    expect(seenNow(rest, seen).gone).toHaveLength(1)
  })

  it('forgets that a visit was away when it is back', () => {
    const away = seenAfter(day([stop('ben', 1), stop('cleo', 2)]), morning, none)
    const back: DayStop[] = day().shifts[0]!.stops
    expect(seenAfter(day(back), away, none).gone).toEqual([])
  })
})

describe('an end that was none', () => {
  const nine = Date.parse(at('9:00'))

  it('is taken back to where the visit stood before it was tapped', () => {
    const steps = [event('arrived', 'ada', '8:31'), event('done', 'ada', '8:40')]
    const [ada] = merge(day(), steps, null).shifts[0]!.stops
    expect(canReopen(ada!, 'tn_kim', nine)).toBe(true)
    const merged = merge(day(), [...steps, event('reopened', 'ada', '8:41')], null)
    expect(merged.current).toMatchObject({ phase: 'arrived', finishedAt: null, startedAt: null, unsent: 3 })
  })

  it('is taken back to where the service knows it stood', () => {
    const finished = { ...progress, phase: 'done' as const, finished_at: at('9:10') }
    const known = day([stop('ada', 0, { phase: 'done', progress: finished })])
    const merged = merge(known, [event('reopened', 'ada', '9:12')], null)
    expect(merged.current).toMatchObject({ phase: 'in_progress', finishedAt: null })
    const [ada] = merge(known, [], null).shifts[0]!.stops
    // For twelve hours, and only by whoever it was.
    const evening = Date.parse(at('21:10'))
    expect([nine, evening, evening + 1].map((now) => canReopen(ada!, 'tn_kim', now))).toEqual([true, true, false])
    expect(canReopen(ada!, 'tn_lee', nine)).toBe(false)
  })

  it('is taken back of a visit that has left the day because it failed', () => {
    const left = { phase: 'failed' as const, finishedAt: at('8:55'), technicianId: 'tn_kim' }
    const seen = seenAfter(day([stop('ben', 1)]), seenNow(day(), null), () => left)
    const ada = merge(day([stop('ben', 1)]), [], seen).gone.find((one) => one.stop.visit_id === 'ada')
    expect(canReopen(ada!, 'tn_kim', nine)).toBe(true)
  })

  it('means nothing of a visit that has not ended', () => {
    expect(phases(merge(day(), [event('reopened', 'ada', '8:40')], null))[0]).toBe('planned')
  })
})

describe('the list of a day', () => {
  it('begins with what is ahead; what is over is apart, with the ways and breaks before it', () => {
    const known = day([stop('ada', 0, { phase: 'done', progress }), stop('ben', 1, { phase: 'traveling' }), stop('cleo', 2)])
    const { ahead, past } = partsOf(itemsOf(merge(known, [], null)))
    expect(past.map((item) => item.key)).toEqual(['to ada', 'ada'])
    expect(ahead.filter((item) => item.kind === 'stop').map((item) => item.key)).toEqual(['ben', 'cleo'])
  })
})
