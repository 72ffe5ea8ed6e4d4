/** A window for a visit: the first one, or another one, which is taken at once; the old one is kept until then. */
import { ApiError, newId, of, once, type Api, type Schemas } from '../api/client'
import { nextBest, type Offer } from './group'

export interface Booked {
  /** Null = the visit is not booked yet. */
  bookingId: string | null
  visitId: string
}

/** Somebody else was faster, or the offer has become too old. */
const LOST: readonly string[] = ['E3001', 'E3002', 'E3003']

export class Rescheduling {
  /** What can be had; null = not known yet. */
  offers: readonly Offer[] | null = $state.raw(null)
  chosen: string | null = $state(null)
  /** Whether what was chosen before could not be had any more. */
  isTaken = $state(false)
  isBusy = $state(false)
  error: unknown = $state.raw(null)
  /** By offer: the same window again is the same request. */
  private readonly keys = new Map<string, string>()

  constructor(
    private readonly api: Api,
    private readonly booked: Booked,
  ) {}

  /** Ask for windows. */
  async load(): Promise<void> {
    this.error = null
    try {
      const body = { visit_id: this.booked.visitId }
      const quote = (await of(this.api.POST('/v1/quotes', { body, headers: once() }))) as Schemas['CustomerQuote']
      this.offers = quote.offers
    } catch (problem) {
      this.error = problem
    }
  }

  /** Take the chosen window; null = it could not be had, or nothing is known of it: then `error` says why. */
  async take(): Promise<Offer | null> {
    const offer = this.offers?.find((found) => found.id === this.chosen)
    if (offer === undefined || this.isBusy) return null
    this.isBusy = true
    this.error = null
    try {
      const { bookingId } = this.booked
      if (bookingId === null) await this.book(offer)
      else await this.move(bookingId, offer)
      return offer
    } catch (problem) {
      if (problem instanceof ApiError && LOST.includes(problem.code)) await this.lose(offer, problem)
      else this.error = problem
      return null
    } finally {
      this.isBusy = false
    }
  }

  private async move(bookingId: string, offer: Offer): Promise<void> {
    const params = { path: { booking_id: bookingId } }
    const headers = once(this.keyOf(offer))
    await of(this.api.POST('/v1/bookings/{booking_id}/reschedule', { params, body: { offer_id: offer.id }, headers }))
  }

  private async book(offer: Offer): Promise<void> {
    const hold = await of(this.api.POST('/v1/holds', { body: { offer_id: offer.id }, headers: once(this.keyOf(offer)) }))
    // One hold becomes one booking, however often it is confirmed: the hold's id is key enough.
    await of(this.api.POST('/v1/bookings', { body: { hold_id: hold.id }, headers: once(`confirm-${hold.id}`) }))
  }

  private async lose(offer: Offer, { details }: ApiError): Promise<void> {
    this.isTaken = true
    if (Array.isArray(details.offers) && details.offers.length > 0) this.offers = details.offers as Offer[]
    else await this.load()
    this.chosen = nextBest(this.offers ?? [], offer.id)?.id ?? null
  }

  private keyOf(offer: Offer): string {
    const key = this.keys.get(offer.id) ?? newId()
    this.keys.set(offer.id, key)
    return key
  }
}
