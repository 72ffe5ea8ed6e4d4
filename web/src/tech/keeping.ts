/** What becomes of the promise of a visit that is still ahead. */
import type { Keeping } from '../lib/status'
import { arrivalOf, type MyStop } from './day'

export interface Promised {
  keeping: Keeping
  /** Beyond the window, when it is late. */
  minutes: number
}

/** Late = expected after the window; at risk = one arrival of ten is. */
export function promised(one: MyStop): Promised {
  const { window_end, eta_latest } = one.stop
  const isAhead = one.phase === 'planned' || one.phase === 'traveling'
  if (window_end === null || !isAhead) return { keeping: 'ok', minutes: 0 }
  const beyond = Date.parse(arrivalOf(one)) - Date.parse(window_end)
  if (beyond > 0) return { keeping: 'late', minutes: Math.ceil(beyond / 60_000) }
  const isAtRisk = eta_latest !== null && Date.parse(eta_latest) > Date.parse(window_end)
  return { keeping: isAtRisk ? 'at_risk' : 'ok', minutes: 0 }
}
