/** How streets are drawn: the wider and lighter, the more important. */
import type { Theme } from '../ui/theme'

interface Line {
  color: string
  weight: number
}

const WEIGHTS: Readonly<Record<string, number>> = {
  motorway: 4,
  trunk: 3.5,
  primary: 3,
  secondary: 2.2,
  tertiary: 1.6,
  minor: 1,
}
const MAIN = new Set(['motorway', 'trunk', 'primary'])

export function streetLine(name: string, theme: Theme): Line {
  const color = theme === 'light' ? '#ffffff' : MAIN.has(name) ? '#38475b' : '#263242'
  return { color, weight: WEIGHTS[name] ?? 1 }
}

/** GeoJSON says longitude first, Leaflet latitude. */
export function turned(lines: readonly (readonly (readonly [number, number])[])[]): [number, number][][] {
  return lines.map((line) => line.map(([longitude, latitude]) => [latitude, longitude]))
}
