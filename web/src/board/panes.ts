/** How wide the panes of the desk are: kept in the browser. */
export interface Panes {
  unassigned: boolean
  map: boolean
  left: number
  right: number
  /** Of the side pane, percent. */
  mapHeight: number
}

const STORED = 'fieldops.panes'
/** What a window of this width begins with: the timeline keeps most of it, and on a small one the map waits. */
export function built(width: number): Panes {
  return {
    unassigned: true,
    map: width >= 1_200,
    left: width >= 1_200 ? 220 : 170,
    right: Math.round(Math.min(400, Math.max(280, width * 0.27))),
    mapHeight: 50,
  }
}

export function kept(): Panes {
  try {
    const found: unknown = JSON.parse(localStorage.getItem(STORED) ?? '{}')
    return { ...built(innerWidth), ...(found as Partial<Panes>) }
  } catch {
    return built(innerWidth)
  }
}

export function keep(panes: Panes): void {
  try {
    localStorage.setItem(STORED, JSON.stringify(panes))
  } catch {
    // Storage is switched off in some embedded pages.
  }
}
