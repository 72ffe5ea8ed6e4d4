/**
 * Parts of a page that its first picture does without: fetched when the browser has nothing else to do, so that the
 * first click does not wait, or at once when somebody is faster.
 */
import { ApiError } from '../api/client'

export type Part<M> = () => Promise<M>

const RELOADED = 'fieldops.reloaded'
/** A page that was loaded anew because something was missing is not loaded anew again for so long, milliseconds. */
const SOON = 60_000

const named: Part<unknown>[] = []

/** Name a part by what imports it, and get what gives it. */
export function later<M>(load: Part<M>): Part<M> {
  named.push(load)
  return onDemand(load)
}

/** A part that is fetched when it is wanted, and not before. */
export function onDemand<M>(load: Part<M>): Part<M> {
  return () => load().catch(missing)
}

/** Fetch every part named so far, and those that they name in turn, each in an idle moment. */
export async function fetchParts(): Promise<void> {
  for (let load = named.shift(); load !== undefined; load = named.shift()) {
    await idle()
    // Nobody has asked for it yet: who does hears what is wrong.
    await load().catch(() => {})
  }
}

/** Wait until what was last changed has been painted. */
export async function painted(): Promise<void> {
  await new Promise((resolve) => requestAnimationFrame(resolve))
  await new Promise((resolve) => setTimeout(resolve))
}

function idle(): Promise<void> {
  return new Promise((resolve) => {
    if ('requestIdleCallback' in globalThis) requestIdleCallback(() => resolve(), { timeout: 2_000 })
    else setTimeout(resolve, 200)
  })
}

/** A new release has replaced the files of the one this page is of: the page is loaded anew, but only once. */
function missing(error: unknown): Promise<never> {
  if (!navigator.onLine) throw new ApiError(0, { code: 'offline', detail: 'no connection' })
  if (!mayReload()) throw error
  location.reload()
  return new Promise(() => {})
}

function mayReload(): boolean {
  try {
    const before = Number(sessionStorage.getItem(RELOADED) ?? -SOON)
    sessionStorage.setItem(RELOADED, String(Date.now()))
    return Date.now() - before >= SOON
  } catch {
    // What cannot be remembered might be repeated for ever.
    return false
  }
}
