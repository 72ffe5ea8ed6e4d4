/** What of the timeline is in the window: zoom, scroll, and the cell that has the keyboard. */
import { tick } from 'svelte'
import { now } from '../lib/time/now.svelte'
import { ROW } from './decorations'
import { type Cell, settled } from './keyboard'
import { hoursOf, instant, type Scale, scaleOf, ticks, width, x, type Zoom } from './scale'
import type { Board } from './store.svelte'
import { drawn, revealed } from './window'

/** Width of the column of names, and height of the clock above; style sheets know them as `--names` and `--head`. */
export const NAMES = 196
export const HEAD = 30

export class View {
  zoom: Zoom = $state('fit')
  /** Size of the window, and how far it is scrolled down: whole rows only, so that nothing is computed in between. */
  size = $state.raw({ width: 900, height: 600 })
  #row = $state(0)
  /** The cell with the grid's tab stop. */
  #cell: Cell | null = $state.raw(null)
  /** What a screen reader says next. */
  announcement = $state('')
  scroller: HTMLElement | null = null

  readonly #hours = $derived.by(() => hoursOf(this.board.allRows, Date.parse(`${this.board.date}T12:00:00Z`)))
  readonly #from = $derived(this.#hours.from)
  readonly #to = $derived(this.#hours.to)
  /** Changes when it has to, not with every event: all rows are laid out by it. */
  readonly scale: Scale = $derived.by(() => scaleOf({ from: this.#from, to: this.#to }, this.zoom, this.size.width - NAMES - 2))
  readonly width = $derived(width(this.scale))
  readonly ticks = $derived.by(() => ticks(this.scale, this.board.zone))
  readonly drawn = $derived.by(() => drawn(this.#row * ROW, this.size.height, ROW, this.board.rows.length))
  readonly cell = $derived.by(() => settled(this.board.rows, this.#cell))
  /** Where the present is; null = not on this day. */
  readonly now = $derived.by(() => {
    const present = now().getTime()
    return present < this.scale.from || present > this.scale.to ? null : x(this.scale, present)
  })

  constructor(private readonly board: Board) {}

  /** Take down how far the window is scrolled. */
  scrolled(): void {
    if (this.scroller !== null) this.#row = Math.floor(this.scroller.scrollTop / ROW)
  }

  instantAt(clientX: number): number {
    const { left } = this.scroller!.getBoundingClientRect()
    return instant(this.scale, clientX - left - NAMES + this.scroller!.scrollLeft)
  }

  setZoom(zoom: Zoom): void {
    const scroller = this.scroller
    const middle = scroller === null ? null : instant(this.scale, scroller.scrollLeft + this.#visible() / 2)
    this.zoom = zoom
    // What is in the middle stays there, or the present comes there.
    void tick().then(() => {
      if (scroller === null || zoom === 'fit') return
      const at = this.now ?? x(this.scale, middle!)
      scroller.scrollLeft = at - this.#visible() / 3
    })
  }

  toNow(): void {
    if (this.scroller !== null && this.now !== null) this.scroller.scrollLeft = this.now - this.#visible() / 3
  }

  #visible(): number {
    return this.size.width - NAMES
  }

  /** Scroll to a row, and to a visit on it. */
  reveal(shiftId: string, visitId: string | null): void {
    const scroller = this.scroller
    const index = this.board.rows.findIndex((row) => row.shiftId === shiftId)
    const row = this.board.rows[index]
    if (scroller === null || row === undefined) return
    const top = index * ROW
    scroller.scrollTop = revealed(scroller.scrollTop, this.size.height - HEAD, top, top + ROW, ROW)
    const visit = row.visits.find((it) => it.id === visitId)
    if (visit !== undefined) {
      const [left, right] = [x(this.scale, visit.service.from), x(this.scale, visit.service.to)]
      scroller.scrollLeft = revealed(scroller.scrollLeft, this.#visible(), left, right, 24)
    }
    this.scrolled()
  }

  /** Note which cell has the focus. */
  focused(cell: Cell): void {
    this.#cell = cell
  }

  /** Give a cell the focus, wherever it is. */
  async focus(cell: Cell): Promise<void> {
    this.#cell = cell
    this.reveal(cell.shiftId, cell.visitId)
    await tick()
    const name = CSS.escape(cell.visitId ?? `row-${cell.shiftId}`)
    this.scroller?.querySelector<HTMLElement>(`[data-cell="${name}"]`)?.focus({ preventScroll: true })
  }
}
