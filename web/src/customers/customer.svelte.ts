/** Everything about one customer, whatever channel it came by. */
import { of, once, type Schemas } from '../lib/api/client'
import { api } from '../lib/api/session'

export type Overview = Schemas['OverviewSchema']
export type Entry = Schemas['TimelineEntrySchema']
export type Booking = Schemas['BookingSummarySchema']

const PAGE = 30

export class Customer {
  readonly id: string
  overview: Overview | null = $state.raw(null)
  history: readonly Entry[] = $state.raw([])
  error: unknown = $state.raw(null)
  /** Time zone of the territory of the newest work order; times of a customer are shown in it. */
  zone: string | null = $state(null)
  private next: string | null = $state(null)

  constructor(id: string) {
    this.id = id
  }

  get hasMore(): boolean {
    return this.next !== null
  }

  async load(): Promise<void> {
    const path = { customer_id: this.id }
    try {
      const [overview, history, territories] = await Promise.all([
        of(api.GET('/v1/customers/{customer_id}', { params: { path } })),
        of(api.GET('/v1/customers/{customer_id}/timeline', { params: { path, query: { limit: PAGE } } })),
        of(api.GET('/v1/territories', { params: { query: { limit: 200 } } })),
      ])
      const own = overview.open_orders[0]?.territory_id
      const territory = territories.items.find((found) => found.id === own) ?? territories.items[0]
      this.zone = territory?.time_zone ?? 'UTC'
      this.overview = overview
      this.history = history.items
      this.next = history.next
      this.error = null
    } catch (error) {
      this.error = error
    }
  }

  async more(): Promise<void> {
    if (this.next === null) return
    const params = { path: { customer_id: this.id }, query: { limit: PAGE, after: this.next } }
    try {
      const page = await of(api.GET('/v1/customers/{customer_id}/timeline', { params }))
      this.history = [...this.history, ...page.items]
      this.next = page.next
    } catch (error) {
      this.error = error
    }
  }

  async note(text: string): Promise<void> {
    const params = { path: { customer_id: this.id } }
    await of(
      api.POST('/v1/customers/{customer_id}/notes', { params, body: { text, channel: 'phone' }, headers: once() }),
    )
    await this.load()
  }
}
