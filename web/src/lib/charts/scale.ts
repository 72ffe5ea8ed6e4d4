/** Round numbers along an axis, and where values lie on it. */

/** About `count` round numbers that span the values; at least two. */
export function ticks(from: number, to: number, count = 4): number[] {
  const span = to > from ? to - from : 1
  const rough = span / count
  const power = 10 ** Math.floor(Math.log10(rough))
  const step = power * ([1, 2, 5, 10].find((factor) => factor * power >= rough) ?? 10)
  const first = Math.floor(from / step) * step
  const found: number[] = []
  for (let value = first; value < to + step; value += step) found.push(Number(value.toPrecision(12)))
  return found.length > 1 ? found : [first, first + step]
}

export interface Axis {
  ticks: readonly number[]
  /** Where a value lies: 0 at the bottom, 1 at the top. */
  at(value: number): number
}

export function axisOf(values: readonly number[], options: { zero?: boolean; most?: number; least?: number } = {}): Axis {
  const known = values.filter((value) => Number.isFinite(value))
  const low = Math.min(...known, ...(options.zero === false ? [] : [0]), ...(options.least === undefined ? [] : [options.least]))
  const high = Math.max(...known, ...(options.most === undefined ? [] : [options.most]))
  const marks = known.length === 0 ? [0, 1] : ticks(low, high)
  const [first, last] = [marks[0] ?? 0, marks.at(-1) ?? 1]
  return { ticks: marks, at: (value) => (value - first) / (last - first || 1) }
}

/** Every how many labels one is written, so that at most `most` are. */
export function every(count: number, most: number): number {
  return Math.max(1, Math.ceil(count / most))
}
