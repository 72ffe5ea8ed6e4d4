/**
 * The service's clock on a phone that sleeps, loses its connection and is restarted.
 *
 * Events say when they happened by the service's clock. What was heard of it last is kept with the phone's own time of
 * that moment; the phone's clock goes on while it sleeps, which a page's timer does not.
 */
import { heard } from '../lib/time/now.svelte'

export interface Anchor {
  /** What the service's clock said, milliseconds since the epoch. */
  service: number
  /** What the phone's clock said then. */
  device: number
  /** Seconds of the service that pass in one. */
  rate: number
}

let anchor: Anchor = { service: 0, device: 0, rate: 1 }
let last = 0

/** Set the clock by what the service said just now. */
export function hear(now: string, rate: number, device: number = Date.now()): Anchor {
  return restore({ service: new Date(now).getTime(), device, rate })
}

/** Set the clock by what was heard before the page was closed. */
export function restore(kept: Anchor): Anchor {
  anchor = kept
  show()
  return anchor
}

/** The service's present by what was heard last, milliseconds since the epoch. */
export function serviceNow(device: number = Date.now()): number {
  return anchor.service + (device - anchor.device) * anchor.rate
}

/** Go on after the last event that was written down before the page was closed. */
export function goOnAfter(occurredAt: string): void {
  last = Math.max(last, Date.parse(occurredAt))
}

/** When something happens that is reported: each a millisecond after the one before at least, for order counts. */
export function stamp(): string {
  const at = Math.round(serviceNow())
  // A clock that is put right by a little does not turn the order around; one that starts anew begins anew.
  last = at < last - 60_000 ? at : Math.max(at, last + 1)
  return new Date(last).toISOString()
}

/** Put the clock that is shown right, after the phone has slept. */
export function show(): void {
  heard(new Date(serviceNow()).toISOString(), anchor.rate)
}
