/** Short messages at the edge of a page, each with at most one thing to do about it. */
export interface Toast {
  id: number
  text: string
  kind: 'done' | 'fault'
  action?: { label: string; run: () => void }
}

let next = 1
export const toasts: Toast[] = $state([])

/** Faults stay until they are closed; the rest goes after some seconds, longer when it can be acted upon. */
export function toast(text: string, options: { kind?: Toast['kind']; action?: Toast['action'] } = {}): void {
  const { kind = 'done', action } = options
  const id = next++
  toasts.push(action === undefined ? { id, text, kind } : { id, text, kind, action })
  if (toasts.length > 4) toasts.shift()
  if (kind === 'done') setTimeout(() => dismiss(id), action ? 12_000 : 5_000)
}

// Who can show them: the page, and every dialog over it.
let layers: readonly symbol[] = $state.raw([])

/** Be what shows messages until the returned function is called: what is behind a dialog can be neither heard nor clicked. */
export function showAbove(layer: symbol): () => void {
  layers = [...layers, layer]
  return () => (layers = layers.filter((other) => other !== layer))
}

export function isOnTop(layer: symbol): boolean {
  return layers.at(-1) === layer
}

export function dismiss(id: number): void {
  const index = toasts.findIndex((found) => found.id === id)
  if (index >= 0) toasts.splice(index, 1)
}
