/** Replans of the day that is shown: what they propose, which run, and what becomes of them. */
import { of, once, type Schemas } from '../../lib/api/client'
import { api } from '../../lib/api/session'
import { toast } from '../../lib/ui/toasts.svelte'
import type { Ghost } from '../model'
import { whyNot } from '../say'
import type { ReplanEvent } from '../patch'
import type { Board } from '../store.svelte'
import { r } from './texts'

export type Replan = Schemas['ReplanSchema']
export type Request = Omit<Schemas['ReplanRequest'], 'territory_id' | 'date'>

/** How often a search that runs is asked how far it is, milliseconds. */
const EVERY = 700
const OPEN: readonly Replan['state'][] = ['waiting', 'running']

export class Replans {
  /** Those that wait for a decision, the newest first. */
  proposals: readonly Replan[] = $state.raw([])
  /** Those that wait for a worker, or are searched. */
  running: readonly Replan[] = $state.raw([])
  /** The proposal whose moves are drawn on the board. */
  drawnId: string | null = $state(null)
  /** Buttons do nothing meanwhile; they keep the focus. */
  isBusy = $state(false)
  /** What those hear who do not see that a proposal has come. */
  news = $state('')
  #timer: ReturnType<typeof setTimeout> | undefined
  #mine = new Set<string>()

  constructor(private readonly board: Board) {}

  /** Read what there is and follow it; returns what ends that. */
  follow(): () => void {
    for (const id of this.board.proposalIds) void this.#read(id)
    const end = this.board.onReplanEvent((event) => void this.#hear(event))
    return () => {
      end()
      clearTimeout(this.#timer)
    }
  }

  async ask(request: Request): Promise<boolean> {
    try {
      const body = { ...request, territory_id: this.board.territoryId, date: this.board.date }
      const made = await of(api.POST('/v1/replans', { body, headers: once() }))
      this.#mine.add(made.id)
      this.#take(made)
      return true
    } catch (error) {
      toast(whyNot(error), { kind: 'fault' })
      return false
    }
  }

  stop(id: string): Promise<void> {
    return this.#alone(async () => {
      const params = { path: { replan_id: id } }
      this.#take(await of(api.POST('/v1/replans/{replan_id}/cancel', { params, headers: once() })))
    })
  }

  /** Approve a proposal, or some of its visits. */
  approve(id: string, visits: readonly string[] | null): Promise<void> {
    return this.#alone(async () => {
      const params = { path: { replan_id: id } }
      const body = { visits: visits === null ? null : [...visits] }
      const made = await of(api.POST('/v1/replans/{replan_id}/approve', { params, body, headers: once() }))
      this.#take(made)
      toast(r('approved', { version: made.applied_version ?? '' }))
    }, id)
  }

  reject(id: string, reason: string): Promise<void> {
    return this.#alone(async () => {
      const params = { path: { replan_id: id } }
      this.#take(await of(api.POST('/v1/replans/{replan_id}/reject', { params, body: { reason }, headers: once() })))
      toast(r('rejected'))
    }, id)
  }

  /** Draw the moves of a proposal on the board, or none. */
  draw(replan: Replan | null): void {
    this.drawnId = replan?.id ?? null
    this.board.ghosts = replan === null ? [] : this.#ghosts(replan)
  }

  #ghosts(replan: Replan): Ghost[] {
    return (replan.diff?.moves ?? []).map((move) => {
      const from = move.to_start === null ? null : Date.parse(move.to_start)
      const service = this.board.visit(move.visit_id)?.service
      const length = service === undefined ? 30 * 60_000 : service.to - service.from
      return {
        visitId: move.visit_id,
        toShiftId: move.to_shift_id,
        to: from === null ? null : { from, to: from + length },
      }
    })
  }

  async #hear(event: ReplanEvent): Promise<void> {
    const isNew = event.state === 'proposed' && !this.#mine.has(event.replan_id)
    await this.#read(event.replan_id)
    if (isNew) this.news = r('came', { n: this.proposals.length })
  }

  async #read(id: string): Promise<void> {
    try {
      this.#take(await of(api.GET('/v1/replans/{replan_id}', { params: { path: { replan_id: id } } })))
    } catch {
      // It is read again with its next event.
    }
  }

  #take(replan: Replan): void {
    const wasRunning = this.running.some((known) => known.id === replan.id)
    const others = (list: readonly Replan[]): Replan[] => list.filter((known) => known.id !== replan.id)
    this.proposals = replan.state === 'proposed' ? [replan, ...others(this.proposals)] : others(this.proposals)
    this.running = OPEN.includes(replan.state) ? [replan, ...others(this.running)] : others(this.running)
    if (this.drawnId === replan.id && replan.state !== 'proposed') this.draw(null)
    if (wasRunning && !OPEN.includes(replan.state) && this.#mine.delete(replan.id)) this.#say(replan)
    if (this.running.length > 0) this.#lookAgain()
  }

  #say(replan: Replan): void {
    if (OPEN.includes(replan.state)) return
    const key = `end_${replan.state as 'applied'}` as const
    const values = { note: replan.note ?? '', version: replan.applied_version ?? '' }
    toast(r(key, values), replan.state === 'failed' ? { kind: 'fault' } : {})
  }

  #lookAgain(): void {
    clearTimeout(this.#timer)
    this.#timer = setTimeout(() => {
      for (const { id } of this.running) void this.#read(id)
    }, EVERY)
  }

  async #alone(what: () => Promise<void>, id?: string): Promise<void> {
    if (this.isBusy) return
    this.isBusy = true
    try {
      await what()
    } catch (error) {
      toast(whyNot(error), { kind: 'fault' })
      if (id !== undefined) await this.#read(id)
    } finally {
      this.isBusy = false
    }
  }
}
