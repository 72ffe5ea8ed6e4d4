/** Instants in words, in the time zone of the territory: never in the browser's own. */
import { untrack } from 'svelte'
import { language } from '../i18n'
import { now } from './now.svelte'

const locale = language === 'de' ? 'de-DE' : 'en-US'
const formats = new Map<string, Intl.DateTimeFormat>()

function format(zone: string, name: string, options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  const key = `${zone} ${name}`
  let found = formats.get(key)
  if (found === undefined) formats.set(key, (found = new Intl.DateTimeFormat(locale, { timeZone: zone, ...options })))
  return found
}

/** `14:05` (24 hours for staff; customers of English pages read `2:05 PM`, see `friendlyClock`). */
export function clock(instant: string | Date, zone: string): string {
  return format(zone, 'clock', { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' }).format(new Date(instant))
}

/** `2:05 PM` or `14:05`, as people of the language write it. */
export function friendlyClock(instant: string | Date, zone: string): string {
  return format(zone, 'friendly', { hour: 'numeric', minute: '2-digit' }).format(new Date(instant))
}

/** `2:00 – 4:00 PM`. */
export function friendlyRange(from: string | Date, to: string | Date, zone: string): string {
  return format(zone, 'friendly', { hour: 'numeric', minute: '2-digit' }).formatRange(new Date(from), new Date(to))
}

/** `14:00–16:00`. */
export function clockRange(from: string | Date, to: string | Date, zone: string): string {
  return `${clock(from, zone)}–${clock(to, zone)}`
}

/** `Monday, March 16`; of another year than this one: `Sunday, March 16, 2025`. */
export function longDay(instant: string | Date, zone: string): string {
  return day(instant, zone, 'long')
}

/** `Mon, Mar 16`; of another year than this one: `Sun, Mar 16, 2025`. */
export function shortDay(instant: string | Date, zone: string): string {
  return day(instant, zone, 'short')
}

function day(instant: string | Date, zone: string, style: 'long' | 'short'): string {
  const at = new Date(instant)
  const parts = { weekday: style, month: style, day: 'numeric' } as const
  if (yearOf(at, zone) === yearOf(untrack(now), zone)) return format(zone, style, parts).format(at)
  return format(zone, `${style} year`, { ...parts, year: 'numeric' }).format(at)
}

function yearOf(at: Date, zone: string): string {
  return format(zone, 'year', { year: 'numeric' }).format(at)
}

/** A local date of a territory: `2026-03-16`. */
export function dateOf(instant: string | Date, zone: string): string {
  const parts = new Intl.DateTimeFormat('en-CA', { timeZone: zone }).formatToParts(new Date(instant))
  const part = (type: string): string => parts.find((found) => found.type === type)?.value ?? ''
  return `${part('year')}-${part('month')}-${part('day')}`
}

/** A date of the calendar in words; a date has no time zone. */
export function dayOf(date: string, style: 'long' | 'short' = 'long'): string {
  return style === 'long' ? longDay(`${date}T12:00:00Z`, 'UTC') : shortDay(`${date}T12:00:00Z`, 'UTC')
}

/** The date so many days later. */
export function plusDays(date: string, days: number): string {
  const noon = new Date(`${date}T12:00:00Z`)
  noon.setUTCDate(noon.getUTCDate() + days)
  return noon.toISOString().slice(0, 10)
}

/** `1 h 25 min`, `40 min`; seconds. */
export function duration(seconds: number): string {
  const minutes = Math.round(Math.abs(seconds) / 60)
  const sign = seconds < 0 && minutes > 0 ? '−' : ''
  const [hours, rest] = [Math.floor(minutes / 60), minutes % 60]
  if (hours === 0) return `${sign}${rest} min`
  return rest === 0 ? `${sign}${hours} h` : `${sign}${hours} h ${rest} min`
}

/** `9:58`, `1:59:58`: what is left, to the second. */
export function stopwatch(seconds: number): string {
  const [minutes, rest] = [Math.floor(seconds / 60), String(seconds % 60).padStart(2, '0')]
  const hours = Math.floor(minutes / 60)
  return hours === 0 ? `${minutes}:${rest}` : `${hours}:${String(minutes % 60).padStart(2, '0')}:${rest}`
}

/** `+12 min`, `−3 min`. */
export function change(seconds: number): string {
  return Math.round(seconds / 60) > 0 ? `+${duration(seconds)}` : duration(seconds)
}

const number = new Intl.NumberFormat(locale)
const decimal = new Intl.NumberFormat(locale, { minimumFractionDigits: 2, maximumFractionDigits: 2 })

export function count(value: number): string {
  return number.format(value)
}

/** Cents as an amount: `12.30`; the currency is the company's own. */
export function amount(cents: number): string {
  return decimal.format(cents / 100).replace('-', '−')
}

/** `+3.30`, `−12.00`. */
export function amountChange(cents: number): string {
  return cents > 0 ? `+${amount(cents)}` : amount(cents)
}

/** `87 %`. */
export function percent(share: number, digits = 0): string {
  return new Intl.NumberFormat(locale, { style: 'percent', maximumFractionDigits: digits }).format(share)
}
