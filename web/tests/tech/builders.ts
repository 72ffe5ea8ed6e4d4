/** A technician's day for tests: Ada at 8:30, Ben at 10:30, Cleo at 12:30, in Washington. */
import { eventOf, type Said } from '../../src/tech/actions'
import type { Day, DayStop, Kept } from '../../src/tech/types'

const NAMES = ['ada', 'ben', 'cleo'] as const

/** An instant of the day: local `08:30` is 12:30 in UTC. */
export function at(clock: string): string {
  const [hours = '0', minutes = '0'] = clock.split(':')
  return new Date(Date.UTC(2026, 2, 16, Number(hours) + 4, Number(minutes))).toISOString()
}

export function stop(name: string, position: number, more: Partial<DayStop> = {}): DayStop {
  const arrival = at(`${8 + 2 * position}:30`)
  return {
    position,
    visit_id: name,
    work_order_id: `wo_${name}`,
    name: 'Inspection',
    summary: '',
    state: 'booked',
    place: { address: `${name} street`, latitude: 38.9, longitude: -77.03 },
    access_notes: '',
    customer_name: name,
    customer_phone: null,
    window_start: at(`${8 + 2 * position}:00`),
    window_end: at(`${10 + 2 * position}:00`),
    arrival_at: arrival,
    phase: 'planned',
    eta: arrival,
    eta_earliest: null,
    eta_latest: null,
    finish_at: at(`${9 + 2 * position}:00`),
    departure_at: at(`${9 + 2 * position}:00`),
    travel_s: 600,
    distance_m: 3_000,
    wait_s: 0,
    progress: null,
    notes: [],
    ...more,
  }
}

export function day(stops: DayStop[] = NAMES.map((name, position) => stop(name, position))): Day {
  const place = { address: 'Depot', latitude: 38.9, longitude: -77.03 }
  return {
    technician_id: 'tn_kim',
    technician_name: 'Kim',
    date: '2026-03-16',
    time_zone: 'America/New_York',
    plan_version: 1,
    shifts: [
      {
        shift_id: 'sh_1',
        starts_at: at('8:00'),
        ends_at: at('17:00'),
        start_place: place,
        end_place: place,
        departure_at: at('8:20'),
        end_at: at('13:20'),
        travel_s: 2_400,
        travel_home_s: 600,
        distance_m: 12_000,
        stops,
        breaks: [{ name: 'Lunch', start: at('11:00'), end: at('11:30'), paid: false, after_visits: 2 }],
      },
    ],
  }
}

let numbers = 0

/** An event of this phone that waits to be sent. */
export function event(kind: Said['kind'], visitId: string, clock: string, more: Partial<Kept> = {}): Kept {
  numbers += 1
  return { ...eventOf({ kind, visitId, about: visitId }, 'us_kim', at(clock), 0, 0), seq: numbers, ...more }
}
