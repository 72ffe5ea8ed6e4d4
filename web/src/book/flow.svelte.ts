/**
 * A booking on its way: where, what, when, who.
 *
 * What was typed is kept in the tab: a page that is loaded again goes on where it was. The service keeps the request
 * and the hold; this remembers the token that opens them.
 */
import { ApiError, linkCredentials, makeApi, NOBODY, of, once, type Api, type Schemas } from '../lib/api/client'
import { saveVisit } from '../lib/api/save'
import { language } from '../lib/i18n'
import { now } from '../lib/time/now.svelte'
import { nextBest, type Offer } from '../lib/windows/group'
import { readKept, writeKept } from './kept'

export type Step = 'where' | 'what' | 'when' | 'who' | 'done' | 'called'
export type Page = Schemas['BookingPage']
export type FoundAddress = Schemas['FoundAddress']
export type Hold = Schemas['CustomerHold']
export type Contact = Schemas['OwnContactRequest']

/** Why the customer is back at the windows, though one was chosen. */
export type Setback = 'taken' | 'expired' | null

const anybody = makeApi(NOBODY)

export class Flow {
  readonly territoryId: string
  page: Page | null = $state.raw(null)
  step: Step = $state('where')
  error: unknown = $state.raw(null)
  isBusy = $state(false)

  address = $state('')
  accessNotes = $state('')
  candidates: readonly FoundAddress[] | null = $state.raw(null)
  site: FoundAddress | null = $state.raw(null)

  serviceId: string | null = $state(null)
  answers: Record<string, string> = $state({})
  details = $state('')

  request: Schemas['OpenRequest'] | null = $state.raw(null)
  offers: readonly Offer[] = $state.raw([])
  chosen: string | null = $state(null)
  setback: Setback = $state(null)
  /** How often the customer was led back to the windows. */
  numLost = $state(0)
  hold: Hold | null = $state.raw(null)

  contact: Contact = $state({
    name: '',
    email: '',
    phone: '',
    preferred_channel: 'email',
    consents: { email: false, sms: false },
    language,
    access_notes: null,
    note: '',
  })
  booking: Schemas['CustomerBooking'] | null = $state.raw(null)
  /** By when somebody calls the customer, for whom there was no time. */
  callBy: string | null = $state(null)

  constructor(territoryId: string) {
    this.territoryId = territoryId
  }

  get service(): Schemas['OfferedService'] | null {
    return this.page?.services.find((found) => found.id === this.serviceId) ?? null
  }

  get zone(): string {
    return this.page?.time_zone ?? 'UTC'
  }

  /** Seconds until the hold expires; null = nothing is held. */
  get secondsLeft(): number | null {
    if (this.hold === null) return null
    return Math.max(0, Math.round((new Date(this.hold.expires_at).getTime() - now().getTime()) / 1_000))
  }

  get canExtend(): boolean {
    return this.hold !== null && this.hold.expires_at < this.hold.extendable_until
  }

  async load(): Promise<void> {
    await this.attempt(async () => {
      const params = { path: { territory_id: this.territoryId }, query: { language } }
      this.page = await of(anybody.GET('/v1/booking/{territory_id}', { params }))
      const kept = readKept(this.territoryId)
      if (kept === null) return
      Object.assign(this, kept)
      if (this.step === 'when' || this.step === 'who') await this.resume()
    })
  }

  /** Look an address up; one that is surely meant is taken. */
  async locate(): Promise<void> {
    await this.attempt(async () => {
      const params = { path: { territory_id: this.territoryId } }
      const found = await of(
        anybody.POST('/v1/booking/{territory_id}/locate', { params, body: { address: this.address } }),
      )
      this.candidates = found.candidates
      const [only, ...others] = found.candidates
      this.site = only !== undefined && others.length === 0 && only.is_served ? only : null
      if (this.site !== null) this.go('what')
    })
  }

  takeSite(site: FoundAddress): void {
    this.site = site
    this.go('what')
  }

  /** Say what is to be done, and ask for windows. */
  async ask(): Promise<void> {
    const { site, serviceId } = this
    if (site === null || serviceId === null) return
    await this.attempt(async () => {
      const known = new Set(this.service?.questions.map((question) => question.id))
      const answers = Object.fromEntries(
        Object.entries(this.answers).filter(([id, value]) => known.has(id) && value.trim() !== ''),
      )
      const request = await of(
        anybody.POST('/v1/booking/{territory_id}/requests', {
          params: { path: { territory_id: this.territoryId } },
          body: {
            service_id: serviceId,
            answers,
            details: this.details,
            language,
            site: {
              address: site.address,
              latitude: site.latitude,
              longitude: site.longitude,
              access_notes: this.accessNotes,
            },
          },
          headers: once(),
        }),
      )
      await this.letGo()
      this.request = request
      this.chosen = null
      this.setback = null
      await this.quote()
      this.go('when')
    })
  }

  /**
   * Reserve the chosen window; whoever was slower than another sees what else there is. A window that is held is let go
   * by the service once the other one is: who loses the race keeps it.
   */
  async holdChosen(): Promise<void> {
    const offerId = this.chosen
    if (offerId === null) return
    await this.attempt(async () => {
      try {
        this.hold = (await of(this.own().POST('/v1/holds', { body: { offer_id: offerId }, headers: once() }))) as Hold
      } catch (error) {
        if (!(error instanceof ApiError) || error.status !== 409) throw error
        await this.lose('taken', error)
        return
      }
      this.setback = null
      this.go('who')
    })
  }

  async extend(): Promise<void> {
    const { hold } = this
    if (hold === null) return
    try {
      const params = { path: { hold_id: hold.id } }
      this.hold = (await of(this.own().POST('/v1/holds/{hold_id}/extend', { params, headers: once() }))) as Hold
      this.keep()
    } catch (error) {
      if (error instanceof ApiError && error.status === 409) await this.expired()
    }
  }

  /** The time is over: back to the windows, nothing typed is lost. */
  async expired(): Promise<void> {
    this.hold = null
    if (this.step !== 'who') {
      this.setback = 'expired'
      this.keep()
      return
    }
    await this.attempt(async () => {
      await this.quote()
      await this.lose('expired')
    })
  }

  async confirm(): Promise<void> {
    const { hold } = this
    if (hold === null) return
    await this.attempt(async () => {
      await this.giveContact()
      try {
        // One hold becomes one booking, however often it is confirmed: the hold's id is key enough.
        const headers = once(`confirm-${hold.id}`)
        this.booking = (await of(
          this.own().POST('/v1/bookings', { body: { hold_id: hold.id }, headers }),
        )) as Schemas['CustomerBooking']
      } catch (error) {
        if (!(error instanceof ApiError) || error.status !== 409) throw error
        this.hold = null
        await this.lose('expired', error)
        return
      }
      this.hold = null
      this.go('done')
    })
  }

  /** Look again whether there is a free window. */
  async lookAgain(): Promise<void> {
    await this.attempt(async () => {
      await this.quote()
      this.setback = null
    })
  }

  /** Have the request kept, and somebody call when there is a time. */
  async askForCall(): Promise<void> {
    await this.attempt(async () => {
      await this.giveContact()
      this.callBy = (await of(this.own().POST('/v1/booking/call', { headers: once() }))).due_at
      this.go('called')
    })
  }

  /** Ask to hear of earlier windows. */
  async waitForEarlier(): Promise<void> {
    const { booking } = this
    if (booking === null) return
    await this.attempt(async () => {
      const params = { path: { booking_id: booking.id } }
      const body = { not_before: now().toISOString(), consent: true }
      await of(this.own().POST('/v1/bookings/{booking_id}/waitlist', { params, body, headers: once() }))
      this.booking = (await of(
        this.own().GET('/v1/bookings/{booking_id}', { params }),
      )) as Schemas['CustomerBooking']
      this.keep()
    })
  }

  /** Save the appointment for the customer's calendar. */
  async saveVisit(): Promise<void> {
    const { booking } = this
    if (booking !== null) await this.attempt(() => saveVisit(linkCredentials(this.request?.token ?? ''), booking.id))
  }

  go(step: Step): void {
    this.step = step
    this.error = null
    this.keep()
  }

  /** Go back to an earlier step; a window that is held stays held until another one is, or it expires. */
  back(step: Step): void {
    this.go(step)
  }

  keep(): void {
    writeKept(this.territoryId, this)
  }

  own(): Api {
    return makeApi(linkCredentials(this.request?.token ?? ''))
  }

  private async giveContact(): Promise<void> {
    const email = this.contact.email?.trim() || null
    const phone = this.contact.phone?.trim() || null
    const preferred_channel = email !== null && phone !== null ? (this.contact.preferred_channel ?? null) : null
    const contact = { ...this.contact, email, phone, preferred_channel }
    await of(this.own().PUT('/v1/booking/contact', { body: contact }))
  }

  private async resume(): Promise<void> {
    if (this.request === null) return this.go('what')
    if (this.hold !== null) {
      const params = { path: { hold_id: this.hold.id } }
      const hold = (await of(this.own().GET('/v1/holds/{hold_id}', { params }))) as Hold
      if (hold.state === 'active') {
        this.hold = hold
        return
      }
      this.hold = null
    }
    await this.quote()
    if (this.step === 'who') await this.lose('expired')
  }

  private async quote(): Promise<void> {
    const body = { visit_id: this.request?.visit_id ?? '' }
    const quote = (await of(this.own().POST('/v1/quotes', { body, headers: once() }))) as Schemas['CustomerQuote']
    this.offers = quote.offers
  }

  private async lose(setback: Setback, error?: ApiError): Promise<void> {
    const lost = this.chosen
    const fresh = error?.details.offers
    if (Array.isArray(fresh) && fresh.length > 0) this.offers = fresh as Offer[]
    else if (error !== undefined) await this.quote()
    this.chosen = nextBest(this.offers, lost)?.id ?? null
    this.setback = setback
    this.numLost += 1
    this.go('when')
  }

  private async letGo(): Promise<void> {
    const { hold } = this
    if (hold === null) return
    this.hold = null
    // One that is over already is as good as let go.
    await of(this.own().DELETE('/v1/holds/{hold_id}', { params: { path: { hold_id: hold.id } } })).catch(() => {})
  }

  private async attempt(work: () => Promise<void>): Promise<void> {
    this.isBusy = true
    this.error = null
    try {
      await work()
      this.keep()
    } catch (error) {
      this.error = error
    } finally {
      this.isBusy = false
    }
  }
}
