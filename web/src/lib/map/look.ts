/** How a stop looks on the map: whose it is in its fill, what becomes of its promise in its ring. */
import type { MapStop } from './engine'
import { colorOf } from './palette'
import type { Theme } from '../ui/theme'

export interface StopStyle {
  radius: number
  fillColor: string
  fillOpacity: number
  color: string
  weight: number
  opacity: number
}

const NOBODY: Readonly<Record<Theme, string>> = { light: '#5b6675', dark: '#a3b0c0' }
const EDGE: Readonly<Record<Theme, string>> = { light: '#ffffff', dark: '#0c1017' }
const RISK: Readonly<Record<Theme, string>> = { light: '#b35900', dark: '#ffb057' }
const LATE: Readonly<Record<Theme, string>> = { light: '#c01b2e', dark: '#ff7381' }
const CHOSEN: Readonly<Record<Theme, string>> = { light: '#16202e', dark: '#ffffff' }

export function styleOf(stop: MapStop, theme: Theme): StopStyle {
  const isInTrouble = !stop.isOver && stop.keeping !== 'ok'
  const ring = isInTrouble ? (stop.keeping === 'late' ? LATE : RISK) : EDGE
  const opacity = stop.isFaded ? 0.25 : 1
  return {
    radius: stop.number !== null ? 11 : stop.isSelected ? 9 : isInTrouble ? 6.5 : stop.isOver ? 4 : 5,
    fillColor: stop.color === null ? NOBODY[theme] : colorOf(stop.color, theme),
    fillOpacity: opacity * (stop.isOver && stop.number === null && !stop.isSelected ? 0.55 : 1),
    color: (stop.isSelected ? CHOSEN : ring)[theme],
    weight: stop.isSelected ? 3 : isInTrouble ? 2.5 : 1,
    opacity,
  }
}

/** What decides how a stop looks: the same key, the same look. */
export function lookOf(stop: MapStop, theme: Theme): string {
  return [
    theme,
    stop.color,
    stop.keeping,
    Number(stop.isOver),
    Number(stop.isSelected),
    Number(stop.isFaded),
    stop.number,
    stop.at.latitude,
    stop.at.longitude,
  ].join(' ')
}
