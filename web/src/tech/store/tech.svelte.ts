/**
 * The page's state, and what keeps it true: what is on the phone is shown at once, and again whenever the service says
 * something else or the phone does.
 */
import { ApiError } from '../../lib/api/client'
import { askToSignIn, inTurn, resume, signOut, whenLoginEnds } from '../../lib/api/session'
import type { StreamState } from '../../lib/api/stream'
import { dateOf, plusDays } from '../../lib/time/format'
import { eventOf, type Said, UNDO_FOR } from '../actions'
import { type Seen, seenAfter, seenNow, stopsOf } from '../changes'
import { goOnAfter, restore, serviceNow, show, stamp } from '../clock'
import { merge, type MyDay, withEvents } from '../day'
import type { Day, Kept, User } from '../types'
import * as db from './db'
import { Live } from './live'
import { StoredOutbox } from './outbox'
import { loadClock, loadDay, report } from './remote'
import { sendDue } from './sender'
import { keptToday, todayLoader } from './today'

export type Connection = 'connecting' | 'online' | 'offline' | 'signed_out'

/** So often what waits is tried again, milliseconds. */
const RETRY = 30_000
/** The service's clock is asked for again after so long, milliseconds. */
const CLOCK_FOR = 5 * 60_000

export class Tech {
  user: User | null = $state.raw(null)
  /** Whether the page knows whose day it shows, or that it cannot know. */
  isReady = $state(false)
  /** Somebody is signed in who has no day of this kind. */
  isOther = $state(false)
  isSignedOut = $state(false)
  connection: Connection = $state('connecting')
  day: Day | null = $state.raw(null)
  asOf: string | null = $state(null)
  tomorrow: Day | null = $state.raw(null)
  tomorrowAsOf: string | null = $state(null)
  events: Kept[] = $state.raw([])
  seen: Seen | null = $state.raw(null)
  problem: unknown = $state(null)
  sharesPosition: boolean | null = $state(null)
  ignored: string[] = $state([])

  my: MyDay | null = $derived(this.day === null ? null : merge(this.day, this.events, this.seen))
  myTomorrow: MyDay | null = $derived(this.tomorrow === null ? null : merge(this.tomorrow, [], null))
  waiting = $derived(this.events.filter((event) => event.state === 'waiting'))
  refused = $derived(this.events.filter((event) => event.state === 'refused'))

  private box: StoredOutbox | null = null
  private loadToday: (() => Promise<Day>) | null = null
  private readonly live = new Live({
    onNews: () => void this.sync(),
    onState: (state) => this.onStream(state),
    known: () => this.day,
  })
  private running: Promise<void> | null = null
  private again = false
  private clockAt = Number.NEGATIVE_INFINITY
  private readonly others = new BroadcastChannel('fieldops.tech')

  constructor(private readonly store: db.Db) {}

  /** Show what is on the phone, then what the service says. */
  async start(): Promise<void> {
    // What is on the phone stays in sight without a login; a notice says what is to be done.
    whenLoginEnds(() => (this.connection = 'signed_out'))
    const clock = await db.keptClock(this.store)
    if (clock !== null) restore(clock)
    const user = await db.keptUser(this.store)
    if (user !== null) await this.become(user)
    this.others.onmessage = () => void this.readEvents()
    addEventListener('online', () => void this.sync())
    addEventListener('offline', () => (this.connection = 'offline'))
    document.addEventListener('visibilitychange', () => void this.onVisibility())
    setInterval(() => void this.onTimer(), RETRY)
    await this.sync()
    this.isReady = true
    void navigator.storage?.persist?.()
  }

  /** Send what waits, and load what has changed; one after the other, and once more when asked meanwhile. */
  sync(): Promise<void> {
    if (this.running !== null) this.again = true
    this.running ??= this.syncAll().finally(() => {
      this.running = null
    })
    return this.running
  }

  private async syncAll(): Promise<void> {
    do {
      this.again = false
      try {
        await this.syncOnce()
        this.problem = null
      } catch (error) {
        const isOffline = error instanceof ApiError && (error.status === 0 || error.status >= 500 || error.status === 429)
        if (error instanceof ApiError && error.status === 401) this.connection = 'signed_out'
        else if (isOffline) this.connection = 'offline'
        else this.problem = error
      }
    } while (this.again)
  }

  private async syncOnce(): Promise<void> {
    if (Date.now() - this.clockAt > CLOCK_FOR) {
      await db.keepClock(this.store, await loadClock())
      this.clockAt = Date.now()
    }
    if (this.connection !== 'online') await this.connect()
    if (this.user === null || this.box === null || this.connection === 'signed_out') return
    await this.send()
    await this.load()
    if (this.day !== null) this.live.listen(this.user.id, this.day.date)
  }

  /** Find out who is signed in here. */
  private async connect(): Promise<void> {
    if (await db.isLeaving(this.store)) await this.endLogin()
    const user = await resume()
    if (user === null) {
      if (this.user === null && !this.isSignedOut) askToSignIn()
      this.connection = 'signed_out'
      return
    }
    this.connection = 'online'
    if (user.role !== 'technician' || user.technician_id === null) {
      this.user = user
      this.isOther = true
      return
    }
    await db.keepUser(this.store, user)
    if (this.user?.id !== user.id) await this.become(user)
  }

  /** Show what is on the phone for a user, and nothing of anybody else. */
  private async become(user: User): Promise<void> {
    this.live.stop()
    this.user = user
    const technicianId = user.technician_id ?? ''
    this.loadToday = todayLoader((date) => loadDay(technicianId, date), serviceNow)
    this.box = new StoredOutbox(this.store, user.id)
    this.events = await this.box.all()
    for (const event of this.events) goOnAfter(event.occurred_at)
    this.sharesPosition = await db.sharesPosition(this.store, user.id)
    const days = await db.keptDays(this.store, user.id)
    const today = keptToday(days, serviceNow())
    this.day = today?.day ?? null
    this.asOf = today?.as_of ?? null
    this.seen = today === undefined ? null : ((await this.store.get('seen', [user.id, today.date])) ?? null)
    const next = today === undefined ? undefined : days.find((kept) => kept.date === plusDays(today.date, 1))
    this.tomorrow = next?.day ?? null
    this.tomorrowAsOf = next?.as_of ?? null
    if (today !== undefined) this.isReady = true
  }

  private async send(): Promise<void> {
    const { box, user } = this
    if (box === null || user === null) return
    // Of several tabs one sends; the others hear of it.
    await inTurn(`fieldops.tech.send ${user.id}`, async () => {
      const { outcome, ignored } = await sendDue(box, report)
      const about = (id: string) => this.events.find((event) => event.id === id)?.about ?? ''
      this.ignored.push(...ignored.map(about).filter((name) => name !== ''))
      if (outcome !== 'sent') throw new ApiError(outcome === 'offline' ? 0 : 401, {})
    }).finally(() => this.changed())
  }

  /** Load the day, and forget the events it shows. */
  private async load(): Promise<void> {
    const { box, user } = this
    if (box === null || user === null || this.loadToday === null) return
    const sent = (await box.all()).filter((event) => event.state === 'sent').map((event) => event.seq)
    const day = await this.loadToday()
    const asOf = new Date(serviceNow()).toISOString()
    const stops = new Map([...(this.day?.date === day.date ? stopsOf(this.day) : [])].map((stop) => [stop.visit_id, stop]))
    const stood = (visitId: string) => {
      const stop = stops.get(visitId)
      if (stop === undefined) return null
      const { phase, finishedAt, technicianId, beforeEnd } = withEvents(stop, this.events, null, false)
      return { phase, finishedAt, technicianId: beforeEnd === null ? technicianId : user.technician_id }
    }
    const before = (await this.store.get('seen', [user.id, day.date])) ?? null
    const seen = seenAfter(day, before, stood)
    await this.store.put('seen', { ...seen, user_id: user.id })
    await db.keepDay(this.store, { user_id: user.id, date: day.date, day, as_of: asOf }, day.date)
    await box.forget(sent)
    if (this.user?.id !== user.id) return
    this.day = day
    this.asOf = asOf
    this.seen = seen
    await this.changed()
    await this.loadTomorrow(plusDays(day.date, 1), day.date)
  }

  private async loadTomorrow(date: string, today: string): Promise<void> {
    const user = this.user
    if (user?.technician_id == null || (this.tomorrow?.date === date && this.tomorrowVersion === this.day?.plan_version)) return
    const day = await loadDay(user.technician_id, date)
    const asOf = new Date(serviceNow()).toISOString()
    await db.keepDay(this.store, { user_id: user.id, date, day, as_of: asOf }, today)
    this.tomorrow = day
    this.tomorrowAsOf = asOf
    this.tomorrowVersion = this.day?.plan_version ?? 0
  }

  /** Today's plan when tomorrow was loaded: tomorrow is looked at again with every change of it. */
  private tomorrowVersion = -1

  private onStream(state: StreamState): void {
    if (state === 'reconnecting' && this.connection === 'online') this.connection = 'connecting'
    else if (state !== 'live' || this.connection === 'online') return
    void this.sync()
  }

  /** Write down what has happened; it is shown at once, and sent when it cannot be taken back any more. */
  async say(said: Said, heldFor: number = UNDO_FOR): Promise<void> {
    const { box, user } = this
    if (box === null || user === null) return
    const held = document.hidden ? 0 : heldFor
    await box.append(eventOf(said, user.id, stamp(), Date.now(), held))
    await this.changed()
    if (held > 0) setTimeout(() => void this.sync(), held + 50)
    else void this.sync()
  }

  async takeBack(id: string): Promise<void> {
    await this.box?.takeBack(id, Date.now())
    await this.changed()
  }

  async tryAgain(): Promise<void> {
    await this.box?.tryAgain()
    await this.changed()
    await this.sync()
  }

  /** Say that what a dispatcher has changed was seen. */
  async acknowledge(): Promise<void> {
    if (this.day === null || this.user === null) return
    this.seen = seenNow(this.day, this.seen)
    await this.store.put('seen', { ...this.seen, user_id: this.user.id })
  }

  async share(shares: boolean): Promise<void> {
    this.sharesPosition = shares
    if (this.user !== null) await db.keepSharing(this.store, this.user.id, shares)
  }

  /** Sign out; events that are not sent stay until the same user is back. */
  async leave(): Promise<void> {
    this.live.stop()
    await this.box?.endHolds()
    await this.sync()
    if (this.user !== null) await db.forgetUser(this.store, this.user.id)
    this.isSignedOut = true
    this.user = this.box = this.day = this.tomorrow = this.seen = null
    this.events = []
    await this.endLogin().catch(() => {})
  }

  /** End the login with the service, too; without a connection that is for later. */
  private async endLogin(): Promise<void> {
    await signOut()
    await db.hasLeft(this.store)
  }

  private async changed(): Promise<void> {
    await this.readEvents()
    this.others.postMessage('changed')
  }

  private async readEvents(): Promise<void> {
    if (this.box !== null) this.events = await this.box.all()
  }

  private async onVisibility(): Promise<void> {
    show()
    if (document.hidden) await this.box?.endHolds()
    await this.sync()
  }

  private async onTimer(): Promise<void> {
    const today = this.day === null ? null : dateOf(new Date(serviceNow()), this.day.time_zone)
    const isNewDay = today !== null && today !== this.day?.date
    if (this.connection !== 'online' || this.waiting.length > 0 || isNewDay) await this.sync()
  }
}
