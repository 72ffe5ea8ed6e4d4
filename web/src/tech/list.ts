/** The list of a day: visits, breaks and ways in the order in which they come. */
import { isOver } from '../lib/status'
import { arrivalOf, type MyDay, type MyShift, type MyStop } from './day'
import type { DayShift } from './types'

export type Item =
  | { kind: 'shift'; key: string; shift: DayShift }
  | { kind: 'travel'; key: string; seconds: number; meters: number }
  | { kind: 'stop'; key: string; one: MyStop }
  | { kind: 'break'; key: string; name: string; start: string; end: string }
  | { kind: 'home'; key: string; at: string; seconds: number }

/** Lay out a day. */
export function itemsOf(day: MyDay): Item[] {
  return day.shifts.flatMap((shift) => itemsOfShift(shift, day.shifts.length > 1))
}

/** Part a day's list: what is ahead, and what is over, each in its order. */
export function partsOf(items: readonly Item[]): { ahead: Item[]; past: Item[] } {
  const isPast = new Set<string>()
  let isOverAfter = false
  // From the end: a break is over once a visit after it has begun; the way home is ahead as long as a visit is.
  for (const item of items.toReversed()) {
    if (item.kind === 'shift') isOverAfter = false
    else if (item.kind === 'stop') {
      if (isOver(item.one.phase)) isPast.add(item.key).add(`to ${item.key}`)
      isOverAfter ||= item.one.phase !== 'planned'
    } else if (item.kind === 'break' && isOverAfter) isPast.add(item.key)
  }
  return { ahead: items.filter((item) => !isPast.has(item.key)), past: items.filter((item) => isPast.has(item.key)) }
}

function itemsOfShift({ shift, stops }: MyShift, isNamed: boolean): Item[] {
  const items: Item[] = isNamed ? [{ kind: 'shift', key: shift.shift_id, shift }] : []
  const breaksAfter = (count: number): void => {
    for (const pause of shift.breaks) {
      if (pause.after_visits !== count) continue
      const { name, start, end } = pause
      items.push({ kind: 'break', key: `${shift.shift_id} ${start}`, name, start, end })
    }
  }
  breaksAfter(0)
  stops.forEach((one, at) => {
    const { visit_id, travel_s, distance_m } = one.stop
    if (travel_s > 0) items.push({ kind: 'travel', key: `to ${visit_id}`, seconds: travel_s, meters: distance_m })
    items.push({ kind: 'stop', key: visit_id, one })
    breaksAfter(at + 1)
  })
  if (stops.length > 0 && shift.end_at !== null && shift.end_place !== null) {
    items.push({ kind: 'home', key: `home ${shift.shift_id}`, at: shift.end_at, seconds: shift.travel_home_s })
  }
  return items
}

/** Time of a visit for the list: when work began, else when it is expected to. */
export function timeOf(one: MyStop): string {
  return one.startedAt ?? one.arrivedAt ?? arrivalOf(one)
}
