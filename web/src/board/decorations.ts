/** What a row shows besides its visits, as a few SVG paths: one element each, however many visits there are. */
import type { Keeping } from '../lib/status'
import type { BoardRow, Span } from './model'
import { type Scale, x } from './scale'

export const ROW = 44
/** Where bars begin and end, and what is drawn beneath them. */
export const BAR = { top: 5, height: 25 }
const MIDDLE = BAR.top + BAR.height / 2
const WHISKER = 33.5
const BRACKET = 40.5
const MINUTE = 60_000

export interface Decorations {
  off: string
  breaks: string
  travel: string
  waiting: string
  overtime: string
  whiskers: string
  windows: Readonly<Record<Keeping, string>>
}

export function decorate(row: BoardRow, scale: Scale): Decorations {
  const at = (instant: number): number => Math.round(x(scale, instant) * 10) / 10
  const box = ({ from, to }: Span, top = 0, height = ROW): string => {
    const [left, right] = [Math.max(0, at(from)), Math.min(at(scale.to), at(to))]
    return right > left ? `M${left} ${top}H${right}v${height}H${left}z` : ''
  }
  const last = Math.max(row.shift.to, row.end ?? row.shift.to)
  const windows = { ok: '', at_risk: '', late: '' }
  let [travel, waiting, whiskers] = ['', '', '']
  let before = row.departure ?? row.shift.from
  for (const visit of row.visits) {
    const arrival = Math.min(visit.arrival.middle, visit.service.from)
    const leaving = Math.max(before, arrival - visit.travelSeconds * 1_000)
    if (arrival > leaving) travel += `M${at(leaving)} ${MIDDLE}H${at(arrival)}`
    if (visit.service.from - arrival >= MINUTE) waiting += box({ from: arrival, to: visit.service.from }, BAR.top + 5, BAR.height - 10)
    before = visit.service.to
    const range = visit.arrival.range
    if (range !== null) whiskers += `M${at(range.from)} ${WHISKER - 2}v4M${at(range.from)} ${WHISKER}H${at(range.to)}m0 -2v4`
    if (visit.window !== null) windows[visit.keeping] += `M${at(visit.window.from)} ${BRACKET - 4}v4H${at(visit.window.to)}v-4`
  }
  if (row.end !== null && row.visits.length > 0 && row.end > before) {
    travel += `M${at(before)} ${MIDDLE}H${at(row.end)}m0 -3v6`
  }
  return {
    off: box({ from: scale.from, to: row.shift.from }) + box({ from: last, to: scale.to }),
    breaks: row.breaks.map((pause) => box(pause.span, 2, ROW - 5)).join(''),
    travel,
    waiting,
    overtime: last > row.shift.to ? box({ from: row.shift.to, to: last }) : '',
    whiskers,
    windows,
  }
}
