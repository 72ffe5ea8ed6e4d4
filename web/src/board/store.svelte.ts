/**
 * The board: a live copy of one date of one territory.
 *
 * It begins with a snapshot and follows the stream; what arrives is taken in once a frame, and only rows that it
 * touches are made anew. An edit is shown at once, from what the service said it would do, and made true or taken
 * back when the service has answered.
 */
import { api, staff } from '../lib/api/session'
import { ApiError } from '../lib/api/client'
import { type StreamEvent, watch } from '../lib/api/stream'
import { dateOf } from '../lib/time/format'
import { heard, now } from '../lib/time/now.svelte'
import { asIf, type Edit, news, type PlanEdit, type Places, type WhatIf } from './edits'
import { type Facts, factsOf, type Snapshot } from './facts'
import { EVERYTHING, isShown, sorted } from './filter'
import { figuresOf, joinRow, joinUnassigned } from './join'
import type { BoardRow, BoardVisit, Filter, Ghost, Live, Order, UnassignedVisit } from './model'
import { applyEvent, nothing, type Patched, type ReplanEvent, takePlan } from './patch'
import { type Wire, wireOf } from './wire'

/** How often the version of the plan is asked for, milliseconds; the answer is empty while it is the same. */
const LOOK_EVERY = 20_000

/** An edit that breaks rules, or promises that were kept: it needs force and a reason. */
export class NeedsForce extends Error {
  constructor(
    readonly edit: Edit,
    readonly tried: WhatIf,
  ) {
    super('this edit needs force')
  }
}

export interface Applying {
  force?: boolean
  reason?: string
  /** What the service said about the edit, if it was asked already. */
  tried?: WhatIf
}

export class Board {
  /** Every shift, in the order of the plan. Replaced as a whole; rows that nothing touched stay the same objects. */
  allRows: readonly BoardRow[] = $state.raw([])
  unassigned: readonly UnassignedVisit[] = $state.raw([])
  filter: Filter = $state.raw(EVERYTHING)
  selectedId: string | null = $state(null)
  /** The shift whose technician is looked at, when it is not a visit. */
  selectedShiftId: string | null = $state(null)
  hoveredTechnician: string | null = $state(null)
  live: Live = $state.raw({ state: 'connecting', since: 0 })
  version = $state(0)
  ghosts: readonly Ghost[] = $state.raw([])
  proposalIds: readonly string[] = $state.raw([])
  /** Rows on top, whatever the order. */
  onTop: ReadonlySet<string> = $state.raw(new Set())
  /** The visit whose edit is on its way to the service. */
  pendingId: string | null = $state(null)
  order: Order = $state('name')
  #ids: readonly string[] = $state.raw([])

  readonly #byShift = $derived(new Map(this.allRows.map((row) => [row.shiftId, row])))
  readonly figures = $derived(figuresOf(this.allRows, this.unassigned))
  /** What the timeline shows, in order. */
  readonly rows: readonly BoardRow[] = $derived(
    this.#ids.flatMap((id) => {
      const row = this.#byShift.get(id)
      return row !== undefined && isShown(row, this.filter) ? [row] : []
    }),
  )

  readonly zone: string
  #facts: Facts
  /** On which shift visits are shown. */
  #homes: ReadonlyMap<string, string> = new Map()
  #asked: { edit: Edit; tried: WhatIf } | null = null
  #colors = new Map<string, number>()
  #places = new Map<string, Promise<Places>>()
  #queue: StreamEvent[] = []
  #isScheduled = false
  #reading: Promise<void> | null = null
  /** Whether everything is being read anew: what arrives meanwhile waits for it. */
  #isReadingAll = false
  #inTurn: Promise<unknown> = Promise.resolve()
  #listeners = new Set<(event: ReplanEvent) => void>()
  #edits: string[] = []
  #stop: () => void = () => {}

  constructor(
    readonly territoryId: string,
    readonly date: string,
    private readonly wire: Wire,
    snapshot: Snapshot,
  ) {
    this.zone = snapshot.plan.time_zone
    heard(snapshot.now)
    this.#facts = factsOf(snapshot, this.#isPast())
    this.#takeSnapshot(snapshot)
  }

  /** Read a date and follow it. */
  static async open(territoryId: string, date: string): Promise<Board> {
    const wire = wireOf(api, territoryId, date)
    const snapshot = await wire.snapshot()
    const board = new Board(territoryId, date, wire, snapshot)
    board.#stop = watch({
      url: `/v1/streams/board?territory_id=${encodeURIComponent(territoryId)}&date=${date}`,
      credentials: staff,
      after: snapshot.stream_id,
      onEvent: (event) => board.take(event),
      onState: (state) => (board.live = { state, since: now().getTime() }),
    })
    const timer = setInterval(() => document.hidden || board.look(), LOOK_EVERY)
    const unwatch = board.#stop
    board.#stop = () => {
      clearInterval(timer)
      unwatch()
    }
    return board
  }

  /** See whether the plan has another version: holds change it, of which the stream does not tell. */
  look(): void {
    this.#readPlanIfWanted({ ...nothing(), wantsPlan: true })
  }

  close(): void {
    this.#stop()
    this.#listeners.clear()
  }

  /** A visit on a route. */
  visit(id: string): BoardVisit | undefined {
    // Rows first: who asks for a visit that has no place yet has to hear when it gets one.
    const rows = this.#byShift
    const home = this.#homes.get(id)
    return home === undefined ? undefined : rows.get(home)?.visits.find((visit) => visit.id === id)
  }

  row(shiftId: string): BoardRow | undefined {
    return this.#byShift.get(shiftId)
  }

  select(id: string | null): void {
    this.selectedId = id
    this.selectedShiftId = null
  }

  /** Look at a technician. */
  selectShift(shiftId: string | null): void {
    this.selectedId = null
    this.selectedShiftId = shiftId
  }

  sortBy(order: Order): void {
    this.order = order
    this.#sort()
  }

  /** Keep a row on top, or no longer. */
  toggleOnTop(shiftId: string): void {
    const next = new Set(this.onTop)
    if (!next.delete(shiftId)) next.add(shiftId)
    this.onTop = next
    this.#sort()
  }

  /** What the service says of replans and proposals; returns what ends listening. */
  onReplanEvent(listener: (event: ReplanEvent) => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  /** Where a visit could go; asked once for each version of the plan. */
  places(visitId: string): Promise<Places> {
    let found = this.#places.get(visitId)
    if (found === undefined) {
      found = this.wire.places(visitId)
      this.#places.set(visitId, found)
      found.catch(() => this.#places.delete(visitId))
    }
    return found
  }

  whatIf(edit: Edit, signal?: AbortSignal): Promise<WhatIf> {
    return this.wire.whatIf(edit, signal)
  }

  /**
   * Make an edit: shown at once, true when the service has done it. Throws `NeedsForce` when it breaks something, and
   * what the API says when it does not do it; then everything is as it was.
   */
  apply(edit: Edit, { force = false, reason = '', tried }: Applying = {}): Promise<PlanEdit> {
    const visitId = 'visit_id' in edit ? edit.visit_id : null
    return this.#afterOthers(async () => {
      this.pendingId = visitId
      try {
        const known = tried ?? (await this.wire.whatIf(edit))
        if (!force && (known.needs_force || news(known).length > 0)) throw new NeedsForce(edit, known)
        this.#show({ edit, tried: known })
        const made = await this.wire.edit(edit, known.version, force, reason)
        this.#edits.push(made.id)
        await this.#readMade()
        return made
      } catch (error) {
        // The plan has moved on: whoever tries again should see what it is now.
        if (error instanceof ApiError && (error.status === 412 || error.status === 409)) await this.#readAll().catch(() => {})
        throw error
      } finally {
        this.pendingId = null
        this.#show(null)
      }
    })
  }

  /** Take an edit back. */
  undo(editId: string): Promise<PlanEdit> {
    return this.#afterOthers(async () => {
      const made = await this.wire.undo(editId)
      this.#edits = this.#edits.filter((id) => id !== editId)
      await this.#readMade()
      return made
    })
  }

  /** The last edit made on this page that was not taken back. */
  get lastEditId(): string | undefined {
    return this.#edits.at(-1)
  }

  history(): Promise<readonly PlanEdit[]> {
    return this.wire.edits()
  }

  /** Take in what the stream says, with all else that arrives before the next frame. */
  take(event: StreamEvent): void {
    this.#queue.push(event)
    if (this.#isScheduled) return
    this.#isScheduled = true
    // Hidden pages get no frames.
    if (typeof document !== 'undefined' && !document.hidden) requestAnimationFrame(() => this.flush())
    else setTimeout(() => this.flush(), 200)
  }

  flush(): void {
    this.#isScheduled = false
    if (this.#isReadingAll) return
    const patched = nothing()
    for (const event of this.#queue.splice(0)) {
      if (event.kind === 'snapshot') this.#takeSnapshot(event.data as Snapshot)
      else if (event.kind === 'proposal' || event.kind === 'replan') this.#takeReplan(event)
      else applyEvent(this.#facts, event, patched)
    }
    this.#remake(patched.touched)
    this.#readPlanIfWanted(patched)
  }

  #takeReplan(event: StreamEvent): void {
    const said = { ...(event.data as object), kind: event.kind } as ReplanEvent
    const others = this.proposalIds.filter((id) => id !== said.replan_id)
    this.proposalIds = said.state === 'proposed' ? [...others, said.replan_id] : others
    for (const listener of this.#listeners) listener(said)
  }

  #readPlanIfWanted(patched: Patched): void {
    if (!patched.wantsPlan || this.#reading !== null) return
    this.#reading = this.#readPlan()
      .catch(() => {})
      .finally(() => (this.#reading = null))
  }

  /** Versions may come faster than plans can be read: the newest one is enough. */
  async #readPlan(): Promise<void> {
    const plan = await this.wire.plan()
    if (plan.version <= this.#facts.plan.version) return
    const touched = takePlan(this.#facts, plan)
    this.#planMoved()
    if (touched === null) this.#remakeAll()
    else this.#remake(touched)
  }

  async #readAll(): Promise<void> {
    this.#asked = null
    this.#isReadingAll = true
    try {
      const snapshot = await this.wire.snapshot()
      this.#takeSnapshot(snapshot)
      // What it knows already would take the board back; what it does not know comes on top of it.
      this.#queue = this.#queue.filter(({ id }) => id === undefined || id > snapshot.stream_id)
    } catch (error) {
      this.#remakeAll()
      throw error
    } finally {
      this.#isReadingAll = false
      this.flush()
    }
  }

  /** What has been done is done, whether or not it can be read at once. */
  async #readMade(): Promise<void> {
    await this.#readAll().catch(() => this.look())
  }

  #takeSnapshot(snapshot: Snapshot): void {
    heard(snapshot.now)
    this.#facts = factsOf(snapshot, this.#isPast())
    this.proposalIds = snapshot.proposals
    this.#planMoved()
    this.#remakeAll()
  }

  #planMoved(): void {
    this.version = this.#facts.plan.version
    this.#places.clear()
  }

  #shown(): Facts {
    return this.#asked === null ? this.#facts : asIf(this.#facts, this.#asked.edit, this.#asked.tried)
  }

  /** Show an edit before it is done, or no longer. */
  #show(asked: { edit: Edit; tried: WhatIf } | null): void {
    if (this.#asked === asked) return
    this.#asked = asked
    this.#remakeAll()
  }

  #remake(touched: ReadonlySet<string>): void {
    if (touched.size === 0) return
    const facts = this.#shown()
    this.#homes = facts.homes
    const routes = new Map(facts.plan.routes.map((route) => [route.shift_id, route]))
    this.allRows = this.allRows.map((row) => {
      const route = touched.has(row.shiftId) ? routes.get(row.shiftId) : undefined
      return route === undefined ? row : joinRow(route, facts, row.color)
    })
    this.unassigned = joinUnassigned(facts)
  }

  #remakeAll(): void {
    const facts = this.#shown()
    this.#homes = facts.homes
    const before = new Map(this.allRows.map((row) => [row.shiftId, row]))
    this.allRows = facts.plan.routes.map((route) => {
      const row = joinRow(route, facts, this.#color(route.technician_id))
      const known = before.get(row.shiftId)
      return known !== undefined && JSON.stringify(known) === JSON.stringify(row) ? known : row
    })
    this.unassigned = joinUnassigned(facts)
    const ids = new Set(this.#ids)
    if (this.allRows.length !== ids.size || !this.allRows.every((row) => ids.has(row.shiftId))) this.#sort()
  }

  #sort(): void {
    this.#ids = sorted(this.allRows, this.order, this.onTop)
  }

  #color(technicianId: string): number {
    const known = this.#colors.get(technicianId) ?? this.#colors.size
    this.#colors.set(technicianId, known)
    return known
  }

  #isPast(): boolean {
    return this.date < dateOf(now(), this.zone)
  }

  #afterOthers<R>(run: () => Promise<R>): Promise<R> {
    const result = this.#inTurn.then(run)
    this.#inTurn = result.catch(() => {})
    return result
  }
}
