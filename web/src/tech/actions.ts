/** What can be reported of a visit as it stands, and the events that say so. */
import { newId } from '../lib/api/client'
import type { Phase } from '../lib/status'
import type { Kept, Kind } from './types'

/** The next step of the work, one button each. */
export const MAIN_STEP: Readonly<Partial<Record<Phase, Kind>>> = {
  planned: 'travel_started',
  traveling: 'arrived',
  arrived: 'started',
  in_progress: 'done',
}

/** How late, one button each, minutes. */
export const LATE_BY = [15, 30, 45, 60] as const

/** Why a visit could not be done; keys of texts. */
export const REASONS = ['nobody', 'no_access', 'part', 'unsafe', 'other_work', 'customer_refused'] as const
export type Reason = (typeof REASONS)[number]

/** Why a visit can be given up as it stands: that nobody is at home is seen at the door. */
export function reasonsIn(phase: Phase): readonly Reason[] {
  return REASONS.filter((reason) => reason !== 'nobody' || phase === 'arrived' || phase === 'in_progress')
}

/** How giving up is said: customers who were not there are told so, and that is no failure of ours. */
export function failKind(reason: Reason | null): Kind {
  return reason === 'nobody' ? 'no_show' : 'could_not_complete'
}

/** How long something can be taken back, milliseconds. */
export const UNDO_FOR = 6_000

/** Whether a technician can give a visit up: not before setting out. */
export function canFail(phase: Phase): boolean {
  return phase === 'traveling' || phase === 'arrived' || phase === 'in_progress'
}

/** How being late is said: at work as more time on site, before as another time of arrival. */
export function lateKind(phase: Phase): 'extended' | 'delayed' | null {
  if (phase === 'in_progress') return 'extended'
  return phase === 'planned' || phase === 'traveling' ? 'delayed' : null
}

/** When to be there after so many minutes more: from when one is expected, or from now if that is over. */
export function laterBy(expected: string, now: number, minutes: number): string {
  const base = Math.max(Date.parse(expected), now)
  return new Date(Math.ceil((base + minutes * 60_000) / 60_000) * 60_000).toISOString()
}

export interface Said {
  kind: Kind
  visitId?: string | null
  about?: string
  minutes?: number
  expectedAt?: string | null
  reason?: string
  latitude?: number | null
  longitude?: number | null
}

/** Make the event; `heldFor` milliseconds it can be taken back. */
export function eventOf(said: Said, userId: string, occurredAt: string, now: number, heldFor: number): Omit<Kept, 'seq'> {
  return {
    id: newId(),
    kind: said.kind,
    visit_id: said.visitId ?? null,
    occurred_at: occurredAt,
    minutes: said.minutes ?? 0,
    expected_at: said.expectedAt ?? null,
    reason: (said.reason ?? '').slice(0, 500),
    latitude: said.latitude ?? null,
    longitude: said.longitude ?? null,
    user_id: userId,
    state: 'waiting',
    held_until: heldFor > 0 ? now + heldFor : 0,
    refusal: null,
    about: said.about ?? '',
  }
}
