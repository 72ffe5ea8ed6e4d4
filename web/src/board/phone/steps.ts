/** On a phone the browser's Back closes what is open, as its users expect. The address stays the same. */
interface Step {
  depth?: number
}

/** How much is open over the lists, as the browser's history has it. */
export function depthNow(): number {
  return (history.state as Step | null)?.depth ?? 0
}

export function goOn(depth: number): void {
  history.pushState({ depth } satisfies Step, '')
}

/** Close what is on top as Back does it; what the history knows nothing of is closed at once. */
export function goBack(depth: number, close: () => unknown): void {
  if (depth > 0 && depthNow() >= depth) history.back()
  else void close()
}
