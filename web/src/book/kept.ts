/** What a tab remembers of a booking on its way; storage may be switched off in embedded pages. */
import type { Flow } from './flow.svelte'

const NAMES = [
  ...(['step', 'address', 'accessNotes', 'candidates', 'site', 'serviceId', 'answers', 'details'] as const),
  ...(['request', 'offers', 'chosen', 'hold', 'contact', 'booking', 'callBy'] as const),
] as const

export type Kept = Pick<Flow, (typeof NAMES)[number]>

const nameOf = (territoryId: string): string => `fieldops.booking.${territoryId}`

export function readKept(territoryId: string, storage: Pick<Storage, 'getItem'> | null = tab()): Partial<Kept> | null {
  try {
    const text = storage?.getItem(nameOf(territoryId)) ?? null
    return text === null ? null : (JSON.parse(text) as Partial<Kept>)
  } catch {
    return null
  }
}

export function writeKept(territoryId: string, flow: Kept, storage: Pick<Storage, 'setItem'> | null = tab()): void {
  try {
    storage?.setItem(nameOf(territoryId), JSON.stringify(Object.fromEntries(NAMES.map((name) => [name, flow[name]]))))
  } catch {
    // Full or forbidden: then a reload begins anew.
  }
}

export function forget(territoryId: string): void {
  try {
    tab()?.removeItem(nameOf(territoryId))
  } catch {
    // There was nothing to forget.
  }
}

function tab(): Storage | null {
  try {
    return sessionStorage
  } catch {
    return null
  }
}
