/** Events in words. */
import { clock } from '../lib/time/format'
import { t } from './texts'
import type { Kept } from './types'

/** `Arrived at Ada Archer`. */
export function said(event: Kept, zone: string): string {
  const time = event.expected_at === null ? '' : clock(event.expected_at, zone)
  return t(`said_${event.kind}`, { name: event.about, n: event.minutes, time })
}
