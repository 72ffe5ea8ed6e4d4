/**
 * Send what waits, in order and in batches.
 *
 * A batch is taken or refused as a whole. When one is refused for good its events are sent one by one, and those that
 * are at fault are set aside: one bad event never blocks the others.
 */
import { ApiError } from '../../lib/api/client'
import type { Kept, Receipt, Reported } from '../types'
import type { Outbox } from './outbox'

export type Post = (events: readonly Reported[]) => Promise<readonly Receipt[]>

/** How sending ended: all is sent, there is no connection (or the service is busy), or nobody is signed in. */
export type Outcome = 'sent' | 'offline' | 'signed_out'

export interface Sent {
  outcome: Outcome
  /** How many the service has taken. */
  count: number
  /** Taken, but meaningless: the visit stood where nothing like it happens any more. */
  ignored: readonly string[]
}

export const BATCH = 50

/** Send everything that is due; `now` in milliseconds of the phone's clock. */
export async function sendDue(box: Outbox, post: Post, now: () => number = Date.now): Promise<Sent> {
  let count = 0
  const ignored: string[] = []
  for (;;) {
    const batch = (await box.due(now())).slice(0, BATCH)
    if (batch.length === 0) return { outcome: 'sent', count, ignored }
    for (const part of [batch, ...batch.map((event) => [event])]) {
      const said = await offer(box, post, part)
      if (said === 'offline' || said === 'signed_out') return { outcome: said, count, ignored }
      if (said === 'divide') continue
      if (said !== 'refused') {
        count += part.length
        ignored.push(...said.filter((receipt) => receipt.is_ignored).map((receipt) => receipt.id))
      }
      if (part === batch) break
    }
  }
}

async function offer(
  box: Outbox,
  post: Post,
  part: readonly Kept[],
): Promise<readonly Receipt[] | 'refused' | 'divide' | Exclude<Outcome, 'sent'>> {
  try {
    const receipts = await post(part.map(reported))
    await box.sent(part.map((event) => event.seq))
    return receipts
  } catch (error) {
    if (!(error instanceof ApiError)) throw error
    if (error.status === 401) return 'signed_out'
    if (!isForGood(error.status)) return 'offline'
    const [only] = part
    if (part.length > 1 || only === undefined) return 'divide'
    const fault = error.faults[0]
    const message = fault === undefined ? error.message : `${fault.path}: ${fault.expected}`
    await box.refused(only.seq, { status: error.status, code: error.code, message })
    return 'refused'
  }
}

/** Whether asking again would be answered the same. */
export function isForGood(status: number): boolean {
  return status >= 400 && status < 500 && ![401, 408, 425, 429].includes(status)
}

/** An event as the service takes it. */
export function reported(event: Kept): Reported {
  const { id, kind, visit_id, occurred_at, minutes, expected_at, reason, latitude, longitude } = event
  return { id, kind, visit_id, occurred_at, minutes, expected_at, reason, latitude, longitude }
}
