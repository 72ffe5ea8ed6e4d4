import { describe, expect, it } from 'vitest'
import { decorate } from '../../src/board/decorations'
import { factsOf } from '../../src/board/facts'
import { joinRow } from '../../src/board/join'
import { lead, positionAt, positionOf, settled } from '../../src/board/keyboard'
import type { BoardRow } from '../../src/board/model'
import { hoursOf, instant, scaleOf, ticks, x } from '../../src/board/scale'
import { drawn, revealed } from '../../src/board/window'
import { at, eta, ms, progress, route, snapshot, stop } from './day'

const KIM = route('Kim', [stop('a', '09:00', '09:30'), stop('b', '10:00', '11:00'), stop('c', '13:00', '14:00')])
const LEE = route('Lee', [stop('d', '12:30', '13:00')])
const MO = route('Mo', [], { departure_at: null, end_at: null, starts_at: at('07:30'), ends_at: at('17:10') })

function rows(more = {}): BoardRow[] {
  const facts = factsOf(snapshot([KIM, LEE, MO], more), false)
  return facts.plan.routes.map((own, i) => joinRow(own, facts, i))
}

describe('the time axis', () => {
  const scale = scaleOf({ from: ms('08:00'), to: ms('18:00') }, 'fit', 1_000)

  it('shows the whole day at first: ten hours on 1,000 pixels', () => {
    expect(scale.pixelsPerHour).toBe(100)
    expect(x(scale, ms('09:30'))).toBe(150)
    expect(instant(scale, 150)).toBe(ms('09:30'))
  })

  it('shows so many hours in the window', () => {
    expect(scaleOf({ from: ms('08:00'), to: ms('18:00') }, 2, 1_000).pixelsPerHour).toBe(500)
  })

  it('covers all that happens, in whole hours', () => {
    expect(hoursOf(rows(), 0)).toEqual({ from: ms('07:00'), to: ms('18:00') })
  })

  it('follows the clocks of the territory when they change', () => {
    // New York, 2026-03-08: after 1:59 comes 3:00. 01:00 is 06:00 UTC.
    const night = { from: Date.parse('2026-03-08T05:00:00Z'), to: Date.parse('2026-03-08T09:00:00Z'), pixelsPerHour: 60 }
    expect(ticks(night, 'America/New_York').map((tick) => tick.label)).toEqual(['00:00', '01:00', '03:00', '04:00'])
  })

  it('marks whole hours where zones are off by half an hour', () => {
    const morning = { from: Date.parse('2026-03-08T03:00:00Z'), to: Date.parse('2026-03-08T06:00:00Z'), pixelsPerHour: 60 }
    expect(ticks(morning, 'Asia/Kolkata').map((tick) => [tick.label, tick.x])).toEqual([['09:00', 30], ['10:00', 90], ['11:00', 150]])
  })
})

it('draws only the rows in the window and six around them', () => {
  expect(drawn(1_000, 440, 44, 200)).toEqual({ first: 16, end: 39 })
  expect(drawn(0, 440, 44, 4)).toEqual({ first: 0, end: 4 })
})

it('scrolls as little as it takes to see something', () => {
  expect([revealed(100, 300, 120, 160), revealed(100, 300, 50, 90), revealed(100, 300, 390, 430)]).toEqual([100, 50, 130])
})

describe('a row shows besides its visits', () => {
  const scale = scaleOf({ from: ms('07:00'), to: ms('18:00') }, 'fit', 1_100)

  it('when it is driven, and until when somebody is not home', () => {
    // 100 pixels an hour. Ten minutes to each visit, and from the last one, 14:00, home by 15:30.
    const drives = decorate(rows()[0]!, scale).travel.match(/M[\d.]+ [\d.]+H[\d.]+/g)!
    expect(drives.map((path) => path.match(/[\d.]+/g)!.filter((_, i) => i !== 1).map(Number))).toEqual([
      [183.3, 200], [283.3, 300], [583.3, 600], [700, 850],
    ])
  })

  it('waiting, a range and a promise', () => {
    const own = route('Kim', [stop('a', '10:00', '10:30', { arrival_at: at('09:30'), window_start: at('10:00'), window_end: at('12:00') })])
    const facts = factsOf(snapshot([own], { etas: [eta('a', 'sh_Kim', '09:30', '10:30', { earliest_at: at('09:15'), latest_at: at('09:50') })] }), false)
    const found = decorate(joinRow(own, facts, 0), scale)
    expect(found.waiting).toContain('M250 ')
    expect(found.whiskers).toContain('M225 31.5')
    expect(found.windows.ok).toBe('M300 36.5v4H500v-4')
    expect(found.windows.late).toBe('')
  })

  it('overtime', () => {
    const own = route('Kim', [stop('a', '15:30', '16:20')], { end_at: at('16:40'), overtime_s: 2_400 })
    expect(decorate(joinRow(own, factsOf(snapshot([own]), false), 0), scale).overtime).toContain('M900 0H966.7')
  })
})

describe('keys lead', () => {
  const [kim, lee, mo] = rows() as [BoardRow, BoardRow, BoardRow]
  const all = [kim, lee, mo]

  it('to the next visit of the row, and not past its end', () => {
    expect(lead(all, { shiftId: 'sh_Kim', visitId: 'a' }, 'ArrowRight', false)).toEqual({ shiftId: 'sh_Kim', visitId: 'b' })
    expect(lead(all, { shiftId: 'sh_Kim', visitId: 'c' }, 'ArrowRight', false)).toBeNull()
  })

  it('to what happens at about the same time on the next row', () => {
    expect(lead(all, { shiftId: 'sh_Lee', visitId: 'd' }, 'ArrowUp', false)).toEqual({ shiftId: 'sh_Kim', visitId: 'c' })
    expect(lead(all, { shiftId: 'sh_Lee', visitId: 'd' }, 'ArrowDown', false)).toEqual({ shiftId: 'sh_Mo', visitId: null })
  })

  it('to the ends', () => {
    expect(lead(all, { shiftId: 'sh_Kim', visitId: 'b' }, 'End', false)).toEqual({ shiftId: 'sh_Kim', visitId: 'c' })
    expect(lead(all, { shiftId: 'sh_Kim', visitId: 'b' }, 'End', true)).toEqual({ shiftId: 'sh_Mo', visitId: null })
  })

  it('stay on the row when the visit has gone', () => {
    expect(settled(all, { shiftId: 'sh_Kim', visitId: 'gone' })).toEqual({ shiftId: 'sh_Kim', visitId: 'a' })
    expect(settled(all, { shiftId: 'gone', visitId: null })).toEqual({ shiftId: 'sh_Kim', visitId: 'a' })
    expect(settled([], null)).toBeNull()
  })
})

it('counts positions among what is ahead', () => {
  const [kim] = rows({ progress: [progress('a', 'in_progress', { started_at: at('09:00') })] }) as [BoardRow]
  expect([positionAt(kim, 'x', ms('09:00')), positionAt(kim, 'x', ms('12:00')), positionAt(kim, 'x', ms('15:00'))]).toEqual([0, 1, 2])
  expect([positionOf(kim, 'b'), positionOf(kim, 'c'), positionOf(kim, 'a')]).toEqual([0, 1, null])
})
