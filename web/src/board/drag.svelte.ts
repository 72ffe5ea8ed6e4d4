/**
 * Visits are dragged by pointer: from rows and from the list of those without a place, onto rows and back onto the list.
 *
 * Whatever carries `data-visit` can be picked up, whatever carries `data-row` or `data-drop="unassigned"` takes it.
 */
import type { Acting } from './acting.svelte'
import { move } from './edits'
import { positionAt } from './keyboard'
import type { BoardVisit, UnassignedVisit } from './model'
import { whyFixed } from './say'
import type { Board } from './store.svelte'
import { toast } from '../lib/ui/toasts.svelte'
import { Trial } from './trial.svelte'
import type { View } from './view.svelte'

/** How far a mouse moves before it drags, pixels; how long a finger rests, milliseconds, and how still. */
const FAR = 5
const LONG = 400
const STILL = 10
/** Near the edge the window scrolls, pixels. */
const EDGE = 44

export interface Carried {
  id: string
  visit: BoardVisit | UnassignedVisit
  trial: Trial
  isAssigned: boolean
}

interface Start {
  id: string
  pointerId: number
  x: number
  y: number
  isTouch: boolean
}

export class Drag {
  carried: Carried | null = $state.raw(null)
  x = $state(0)
  y = $state(0)
  isOverList = $state(false)
  #start: Start | null = null
  #rest: ReturnType<typeof setTimeout> | undefined
  #frame = 0
  #hasMoved = false
  /** A drag ends with a click, which means nothing. */
  #endedAt = 0

  constructor(
    private readonly board: Board,
    private readonly view: View,
    private readonly acting: Acting,
  ) {}

  get trial(): Trial | null {
    return this.carried?.trial ?? null
  }

  get hasJustEnded(): boolean {
    return performance.now() - this.#endedAt < 50
  }

  down(event: PointerEvent): void {
    const id = event.target instanceof Element ? event.target.closest<HTMLElement>('[data-visit]')?.dataset.visit : undefined
    if (id === undefined || event.button !== 0 || this.carried !== null) return
    this.#start = { id, pointerId: event.pointerId, x: event.clientX, y: event.clientY, isTouch: event.pointerType === 'touch' }
    if (this.#start.isTouch) this.#rest = setTimeout(() => this.#pickUp(), LONG)
  }

  move(event: PointerEvent): void {
    const start = this.#start
    if (start === null || event.pointerId !== start.pointerId) return
    const far = Math.hypot(event.clientX - start.x, event.clientY - start.y)
    if (this.carried === null) {
      if (start.isTouch && far > STILL) this.#forget()
      else if (!start.isTouch && far > FAR) this.#pickUp()
    }
    if (this.carried === null) return
    this.x = event.clientX
    this.y = event.clientY
    this.#hasMoved = true
  }

  up(event: PointerEvent): void {
    if (this.#start === null || event.pointerId !== this.#start.pointerId) return
    if (this.#hasMoved) this.#look()
    const { carried, isOverList } = this
    this.#end()
    if (carried === null) return
    const { trial, id } = carried
    if (isOverList && carried.isAssigned) void this.acting.act({ kind: 'unassign', visit_id: id })
    else if (trial.place !== null && !trial.isHome) {
      const { shiftId, position } = trial.place
      void this.acting.act(move(id, shiftId, position), trial.fresh === null ? {} : { tried: trial.fresh })
    }
  }

  cancel(): void {
    this.#end()
  }

  /** Fingers that drag do not scroll. */
  touch(event: TouchEvent): void {
    if (this.carried !== null && event.cancelable) event.preventDefault()
  }

  #pickUp(): void {
    const start = this.#start
    if (start === null) return
    const assigned = this.board.visit(start.id)
    const visit = assigned ?? this.board.unassigned.find((it) => it.id === start.id)
    const why = assigned === undefined ? null : whyFixed(assigned, this.board.row(assigned.shiftId ?? ''))
    if (visit === undefined || why !== null) {
      this.#forget()
      if (why !== null) toast(why)
      return
    }
    const trial = new Trial(this.board, visit.id, visit.window?.to ?? null)
    this.x = start.x
    this.y = start.y
    this.carried = { id: visit.id, visit, trial, isAssigned: assigned !== undefined }
    getSelection()?.removeAllRanges()
    this.#frame = requestAnimationFrame(() => this.#everyFrame())
  }

  /** See what is under the pointer. */
  #look(): void {
    this.#hasMoved = false
    const carried = this.carried
    if (carried === null) return
    const under = document.elementFromPoint(this.x, this.y)
    this.isOverList = under?.closest('[data-drop="unassigned"]') != null
    const shiftId = under?.closest<HTMLElement>('[data-row]')?.dataset.row
    const row = shiftId === undefined ? undefined : this.board.row(shiftId)
    if (row === undefined) return carried.trial.consider(null)
    const position = positionAt(row, carried.id, this.view.instantAt(this.x))
    carried.trial.consider({ shiftId: row.shiftId, position })
  }

  /** Once a frame, however often the pointer reports: scroll while it is at an edge, and see where it is. */
  #everyFrame(): void {
    if (this.carried === null) return
    if (this.#scroll() || this.#hasMoved) this.#look()
    this.#frame = requestAnimationFrame(() => this.#everyFrame())
  }

  #scroll(): boolean {
    const scroller = this.view.scroller
    if (scroller === null) return false
    const box = scroller.getBoundingClientRect()
    if (this.x < box.left || this.x > box.right || this.y < box.top || this.y > box.bottom) return false
    const by = { left: pull(this.x, box.left, box.right), top: pull(this.y, box.top, box.bottom) }
    if (by.left === 0 && by.top === 0) return false
    scroller.scrollBy(by)
    return true
  }

  #forget(): void {
    clearTimeout(this.#rest)
    this.#start = null
  }

  #end(): void {
    this.#forget()
    cancelAnimationFrame(this.#frame)
    if (this.carried === null) return
    this.carried.trial.end()
    this.carried = null
    this.isOverList = false
    this.#endedAt = performance.now()
  }
}

function pull(at: number, from: number, to: number): number {
  if (at < from + EDGE) return (at - from - EDGE) / 4
  return at > to - EDGE ? (at - to + EDGE) / 4 : 0
}
