/** Where the technician is while under way: only with consent, and rarely. */

/** Positions are reported this seldom, milliseconds. */
export const EVERY = 60_000

export interface Spot {
  latitude: number
  longitude: number
}

/** Let a spot through when the last one is long enough ago. */
export function paced(report: (spot: Spot) => void, now: () => number = Date.now): (spot: Spot) => void {
  let last = Number.NEGATIVE_INFINITY
  return (spot) => {
    if (now() - last < EVERY) return
    last = now()
    report({ latitude: Number(spot.latitude.toFixed(6)), longitude: Number(spot.longitude.toFixed(6)) })
  }
}

/** Report positions until the returned function is called; `onRefused` when the phone does not allow it. */
export function watchPosition(report: (spot: Spot) => void, onRefused: () => void): () => void {
  if (!('geolocation' in navigator)) return () => {}
  const pass = paced(report)
  const id = navigator.geolocation.watchPosition(
    ({ coords }) => pass(coords),
    (error) => {
      if (error.code === error.PERMISSION_DENIED) onRefused()
    },
    { enableHighAccuracy: false, maximumAge: 30_000, timeout: 30_000 },
  )
  return () => navigator.geolocation.clearWatch(id)
}
