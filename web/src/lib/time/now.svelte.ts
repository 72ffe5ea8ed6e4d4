/**
 * What time it is for the service: its clock may run beside the browser's, and faster in a demonstration.
 *
 * Whoever hears the service's time (`heard`) keeps this right; it moves on every second.
 */
let offset = $state(0)
let rate = 1
let base = typeof performance === 'undefined' ? 0 : performance.now()
let heardAt = Date.now()
let tick = $state(0)

/** Take down the service's clock; `perSecond`: how many of its seconds pass in one. */
export function heard(now: string, perSecond: number = rate): void {
  base = performance.now()
  heardAt = new Date(now).getTime()
  rate = perSecond
  offset = heardAt - Date.now()
}

/** The service's present; reactive, exact to a second. */
export function now(): Date {
  void tick
  void offset
  return new Date(heardAt + (performance.now() - base) * rate)
}

if (typeof setInterval !== 'undefined' && typeof document !== 'undefined') setInterval(() => (tick += 1), 1_000)
