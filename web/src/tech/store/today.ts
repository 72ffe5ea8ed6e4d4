/** Which day is worked on: after midnight the one before, as long as its shift lasts. */
import { dateOf, plusDays } from '../../lib/time/format'
import type { Day } from '../types'

/** Whether a shift of a day lasts beyond an instant, milliseconds. */
export function lasts(day: Day, now: number): boolean {
  return day.shifts.some((shift) => Date.parse(shift.ends_at) > now)
}

/** Make what loads the day that is worked on; `load` without a date gives today's. */
export function todayLoader(load: (date?: string) => Promise<Day>, now: () => number): () => Promise<Day> {
  let night: Day | null = null
  let asked = ''
  return async () => {
    if (night !== null && lasts(night, now())) return (night = await load(night.date))
    const today = await load()
    // Once a date: a shift that is over stays over.
    if (asked === today.date) return today
    const before = await load(plusDays(today.date, -1))
    asked = today.date
    night = lasts(before, now()) ? before : null
    return night ?? today
  }
}

/** Of the days on this phone, the oldest first, the one that is worked on; the newest when that is not among them. */
export function keptToday<K extends { date: string; day: Day }>(days: readonly K[], now: number): K | undefined {
  const dateNow = (kept: K) => dateOf(new Date(now), kept.day.time_zone)
  return (
    days.find((kept) => kept.date < dateNow(kept) && lasts(kept.day, now)) ??
    days.find((kept) => kept.date === dateNow(kept)) ??
    days.at(-1)
  )
}
