/** Everything about one customer, whatever channel it came by. */
import { of, once, type Schemas } from '../lib/api/client'
import { api } from '../lib/api/session'
import { inWords } from './actions'

export type Overview = Schemas['OverviewSchema']
export type Entry = Schemas['TimelineEntrySchema']
export type Order = Schemas['WorkOrderSchema']
export type Booking = Schemas['BookingSummarySchema']

const PAGE = 30
const MOST_ORDERS = 20

export class Customer {
  readonly id: string
  overview: Overview | null = $state.raw(null)
  /** What is open. */
  orders: readonly Order[] = $state.raw([])
  history: readonly Entry[] = $state.raw([])
  error: unknown = $state.raw(null)
  territories: readonly Schemas['TerritorySchema'][] = $state.raw([])
  private next: string | null = $state(null)

  constructor(id: string) {
    this.id = id
  }

  get hasMore(): boolean {
    return this.next !== null
  }

  /** Time zone of a territory; without one, that of the customer's newest work order. */
  zoneOf(territoryId: string | null = null): string {
    const own = territoryId ?? this.overview?.territory_id ?? null
    const [first] = this.territories
    return (this.territories.find(({ id }) => id === own) ?? first)?.time_zone ?? 'UTC'
  }

  async load(): Promise<void> {
    const path = { customer_id: this.id }
    try {
      const [overview, orders, history, territories] = await Promise.all([
        of(api.GET('/v1/customers/{customer_id}', { params: { path } })),
        of(api.GET('/v1/work-orders', { params: { query: { customer_id: this.id, state: 'open', limit: MOST_ORDERS } } })),
        of(api.GET('/v1/customers/{customer_id}/timeline', { params: { path, query: { limit: PAGE } } })),
        of(api.GET('/v1/territories', { params: { query: { limit: 200 } } })),
      ])
      this.territories = territories.items
      this.overview = overview
      this.orders = orders.items as readonly Order[]
      this.history = inWords(history.items)
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
      this.history = [...this.history, ...inWords(page.items)]
      this.next = page.next
    } catch (error) {
      this.error = error
    }
  }

  /** Give this customer everything another one has, who is no more then. */
  async merge(otherId: string, key: string): Promise<void> {
    const params = { path: { customer_id: this.id } }
    const body = { other_id: otherId }
    await of(api.POST('/v1/customers/{customer_id}/merge', { params, body, headers: once(key) }))
    await this.load()
  }

  /** Forget who this customer is, for good. */
  async erase(key: string): Promise<void> {
    const params = { path: { customer_id: this.id } }
    await of(api.POST('/v1/customers/{customer_id}/erase', { params, headers: once(key) }))
    await this.load()
  }

  async note(text: string): Promise<void> {
    const params = { path: { customer_id: this.id } }
    await of(
      api.POST('/v1/customers/{customer_id}/notes', { params, body: { text, channel: 'phone' }, headers: once() }),
    )
    await this.load()
  }
}
