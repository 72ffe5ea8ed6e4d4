/** Text messages that nobody has seen to yet. */
import { ApiError, of, once, type Schemas } from '../lib/api/client'
import { api } from '../lib/api/session'

export type Inbound = Schemas['InboundMessage']

const SHOWN = 50

/** Say that a message was seen to; with a customer, that it is theirs. One that somebody else has seen to is as good. */
export async function settle(id: string, customerId: string | null): Promise<void> {
  const params = { path: { inbound_id: id } }
  const body = { customer_id: customerId }
  try {
    // One message is settled once, however often it is said.
    const headers = once(`settle-${id}-${customerId ?? ''}`)
    await of(api.POST('/v1/inbound-messages/{inbound_id}/settle', { params, body, headers }))
  } catch (problem) {
    if (!(problem instanceof ApiError) || problem.status !== 409) throw problem
  }
}

export class Inbox {
  messages: readonly Inbound[] = $state.raw([])
  /** Whether there are more than are shown. */
  hasMore = $state(false)
  error: unknown = $state.raw(null)

  async load(): Promise<void> {
    try {
      const query = { is_settled: false, limit: SHOWN }
      const page = await of(api.GET('/v1/inbound-messages', { params: { query } }))
      this.messages = page.items
      this.hasMore = page.next !== null
      this.error = null
    } catch (problem) {
      this.error = problem
    }
  }

  /** Take a message off the list; whatever has come meanwhile is on it then. */
  async settle(id: string, customerId: string | null): Promise<void> {
    await settle(id, customerId)
    this.messages = this.messages.filter((message) => message.id !== id)
    if (this.hasMore) await this.load()
  }
}
