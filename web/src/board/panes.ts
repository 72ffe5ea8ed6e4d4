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
const BUILT: Panes = { unassigned: true, map: true, left: 220, right: 400, mapHeight: 50 }

export function kept(): Panes {
  try {
    const found: unknown = JSON.parse(localStorage.getItem(STORED) ?? '{}')
    return { ...BUILT, ...(found as Partial<Panes>) }
  } catch {
    return BUILT
  }
}

export function keep(panes: Panes): void {
  try {
    localStorage.setItem(STORED, JSON.stringify(panes))
  } catch {
    // Storage is switched off in some embedded pages.
  }
}
