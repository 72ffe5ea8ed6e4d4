/** Links that open the way to a place in what the phone has for that. */
import type { Place } from './types'

export type Platform = 'android' | 'ios' | 'other'

/** Tablets of one maker call themselves computers; touch gives them away. */
export function platformOf(agent: string, touchPoints: number): Platform {
  if (/android/i.test(agent)) return 'android'
  if (/iphone|ipad|ipod/i.test(agent)) return 'ios'
  return /macintosh/i.test(agent) && touchPoints > 1 ? 'ios' : 'other'
}

export function directionsTo(place: Place, platform: Platform): string {
  const point = `${place.latitude.toFixed(6)},${place.longitude.toFixed(6)}`
  if (platform === 'android') return `geo:${point}?q=${point}(${encodeURIComponent(place.address)})`
  if (platform === 'ios') return `maps://?daddr=${point}&dirflg=d`
  return `https://www.openstreetmap.org/directions?to=${encodeURIComponent(point)}`
}

/** What a telephone dials. */
export function telephone(number: string): string {
  return `tel:${number.replace(/[^+\d]/g, '')}`
}
