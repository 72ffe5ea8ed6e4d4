/**
 * What would become of a visit somewhere else, while somebody makes up his mind: where it could go at all, asked once,
 * and what exactly the place in question would do, asked when it has been in question for a moment.
 */
import { move, stopAfter, type WhatIf } from './edits'
import { positionOf } from './keyboard'
import type { Span } from './model'
import type { Board } from './store.svelte'
import { wordOf } from './codes'

/** Quiet for so long before the service is asked, milliseconds. */
const QUIET = 120

export interface Place {
  shiftId: string
  position: number
}

/** How good a row is for the visit: what its best place costs, or why there is none. */
export interface Tint {
  kind: 'good' | 'fair' | 'bad'
  costCents: number | null
  start: string | null
  why: string | null
}

export class Trial {
  place: Place | null = $state.raw(null)
  /** What the service says of `place`; null = it has not said anything yet. */
  tried: WhatIf | null = $state.raw(null)
  tints: ReadonlyMap<string, Tint> = $state.raw(new Map())
  error: unknown = $state(null)
  #known = new Map<string, WhatIf>()
  #asking: AbortController | null = null
  #wait: ReturnType<typeof setTimeout> | undefined

  constructor(
    private readonly board: Board,
    readonly visitId: string,
    /** End of the promised window. */
    private readonly until: number | null,
  ) {
    board.places(visitId).then(
      (found) => {
        const tints = new Map<string, Tint>()
        for (const place of found.places) {
          const isLate = this.until !== null && Date.parse(place.start_at) > this.until
          const kind = isLate ? 'fair' : 'good'
          tints.set(place.shift_id, { kind, costCents: place.cost_change_cents, start: place.start_at, why: null })
        }
        for (const shift of found.without) {
          tints.set(shift.shift_id, { kind: 'bad', costCents: null, start: null, why: wordOf('refusal_', shift.reason) })
        }
        this.tints = tints
      },
      (error: unknown) => (this.error = error),
    )
  }

  /** Whether the visit is there already. */
  get isHome(): boolean {
    const place = this.place
    const row = place === null ? undefined : this.board.row(place.shiftId)
    return row !== undefined && positionOf(row, this.visitId) === place?.position
  }

  /** What was said of the plan as it is; null = it has another version by now, and has to be asked again. */
  get fresh(): WhatIf | null {
    return this.tried !== null && this.tried.version >= this.board.version ? this.tried : null
  }

  /** When it would be served, as far as the service has said. */
  get span(): Span | null {
    const stop = this.tried === null ? undefined : stopAfter(this.tried, this.visitId)
    return stop === undefined ? null : { from: Date.parse(stop.start_at), to: Date.parse(stop.finish_at) }
  }

  /** Think of a place, or of none. */
  consider(place: Place | null): void {
    if (place?.shiftId === this.place?.shiftId && place?.position === this.place?.position) return
    this.#drop()
    this.place = place
    this.error = null
    const known = place === null ? undefined : this.#known.get(this.#key(place))
    this.tried = known ?? null
    if (place !== null && known === undefined && !this.isHome) {
      this.#wait = setTimeout(() => void this.#ask(place), QUIET)
    }
  }

  end(): void {
    this.#drop()
  }

  #drop(): void {
    clearTimeout(this.#wait)
    this.#asking?.abort()
    this.#asking = null
  }

  #key(place: Place): string {
    return `${this.board.version} ${place.shiftId} ${place.position}`
  }

  async #ask(place: Place): Promise<void> {
    const key = this.#key(place)
    const asking = new AbortController()
    this.#asking = asking
    try {
      const tried = await this.board.whatIf(move(this.visitId, place.shiftId, place.position), asking.signal)
      this.#known.set(key, tried)
      if (!asking.signal.aborted) this.tried = tried
    } catch (error) {
      if (!asking.signal.aborted) this.error = error
    }
  }
}
