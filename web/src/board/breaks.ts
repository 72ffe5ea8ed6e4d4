/** When breaks are taken, as far as the day shows: nobody reports them, and nobody works in them. */
import { isOver } from '../lib/status'
import type { Route } from './facts'
import type { BoardBreak, BoardVisit, Instant, Span } from './model'

/** Breaks of a route on the clock; those of a date before it begins are where the plan has them. */
export function breaksOf(route: Route, visits: readonly BoardVisit[]): BoardBreak[] {
  const order = route.stops.flatMap((stop, position) => {
    const visit = visits[position]
    return visit === undefined || isSkipped(visit) ? [] : [{ planned: Date.parse(stop.start_at), service: visit.service }]
  })
  let free = -Infinity
  return route.breaks
    .filter((pause) => pause.on_the_clock !== false)
    .map((pause) => ({
      name: String(pause.name ?? ''),
      planned: { from: Date.parse(String(pause.start)), to: Date.parse(String(pause.end)) },
      isPaid: pause.paid === true,
    }))
    .sort((a, b) => a.planned.from - b.planned.from)
    .map(({ name, planned, isPaid }) => {
      const before = order.findLast((visit) => visit.planned < planned.from)?.service.to ?? -Infinity
      const after = order.filter((visit) => visit.planned >= planned.from).map((visit) => visit.service)
      const span = placed(planned, Math.max(before, free), after)
      free = span.to
      return { name, span, isPaid }
    })
}

/** After the visits before it; before the next one if there is room, else behind it, as people do it. */
function placed(planned: Span, free: Instant, after: readonly Span[]): Span {
  const length = planned.to - planned.from
  let ready = free
  for (const next of after) {
    const from = Math.min(Math.max(planned.from, ready), next.from - length)
    if (from >= ready) return { from, to: from + length }
    ready = Math.max(ready, next.to)
  }
  const from = Math.max(planned.from, ready)
  return { from, to: from + length }
}

/** Called off, or tried in vain before anybody worked: it takes no time. */
function isSkipped(visit: BoardVisit): boolean {
  return isOver(visit.phase) && visit.phase !== 'done' && visit.happened.started === null
}
