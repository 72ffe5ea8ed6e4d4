/** Which rows are drawn: those in the window and some around it, in steps of whole rows. */
export const OVERSCAN = 6

export interface Drawn {
  first: number
  /** The one after the last. */
  end: number
}

export function drawn(scrollTop: number, height: number, rowHeight: number, count: number): Drawn {
  const first = Math.max(0, Math.floor(scrollTop / rowHeight) - OVERSCAN)
  const end = Math.min(count, Math.ceil((scrollTop + height) / rowHeight) + OVERSCAN)
  return { first: Math.min(first, Math.max(0, count - 1)), end }
}

/** Where to scroll so that something from `start` to `end` is seen, with as little way as possible. */
export function revealed(scroll: number, size: number, start: number, end: number, margin = 0): number {
  if (start - margin < scroll) return Math.max(0, start - margin)
  if (end + margin > scroll + size) return end + margin - size
  return scroll
}
