/** How streets are drawn: the wider and lighter, the more important; from afar only those that tell where one is. */
import type { Theme } from '../ui/theme'

export interface StreetLine {
  color: string
  weight: number
  /** Whether it is drawn at all. */
  stroke: boolean
}

/** By class: width close by, and from which zoom on it is shown. */
const CLASSES: Readonly<Record<string, { weight: number; from: number }>> = {
  motorway: { weight: 4, from: 0 },
  trunk: { weight: 3.5, from: 0 },
  primary: { weight: 3, from: 9 },
  secondary: { weight: 2.2, from: 10.5 },
  tertiary: { weight: 1.6, from: 12 },
  minor: { weight: 1.2, from: 13 },
}
const MAIN = new Set(['motorway', 'trunk', 'primary'])
/** From this zoom on lines have their full width. */
const CLOSE = 14

export function streetLine(name: string, theme: Theme, zoom: number): StreetLine {
  const { weight, from } = CLASSES[name] ?? CLASSES.minor!
  const color = theme === 'light' ? '#ffffff' : MAIN.has(name) ? '#38475b' : '#263242'
  const far = Math.max(0, CLOSE - zoom)
  return { color, weight: Math.max(0.6, weight * 0.8 ** far), stroke: zoom >= from }
}

/** GeoJSON says longitude first, Leaflet latitude. */
export function turned(lines: readonly (readonly (readonly [number, number])[])[]): [number, number][][] {
  return lines.map((line) => line.map(([longitude, latitude]) => [latitude, longitude]))
}
