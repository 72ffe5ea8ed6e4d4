/** A small day to test with: Kim has two visits in the morning, Lee has one; Ida's has no place. */
import type { Eta, Plan, Progress, Route, Snapshot, Stop } from '../../src/board/facts'

export const DATE = '2026-03-16'

/** An instant of the day, UTC: `at('10:30')`. */
export function at(clock: string): string {
  return `${DATE}T${clock}:00Z`
}

export function ms(clock: string): number {
  return Date.parse(at(clock))
}

export function stop(id: string, start: string, finish: string, more: Partial<Stop> = {}): Stop {
  return {
    visit_id: id,
    work_order_id: `wo_${id}`,
    name: 'Boiler service',
    customer_id: `cu_${id}`,
    customer_name: `Customer of ${id}`,
    state: 'booked',
    address: '1 Main St',
    latitude: 38.9,
    longitude: -77,
    duration_s: 1_800,
    required_skills: { gas: 1 },
    priority: 3,
    pin: null,
    window_start: null,
    window_end: null,
    arrival_at: at(start),
    start_at: at(start),
    finish_at: at(finish),
    departure_at: at(finish),
    wait_s: 0,
    slack_s: 600,
    lateness_s: 0,
    travel_s: 600,
    distance_m: 5_000,
    ...more,
  }
}

export function route(name: string, stops: Stop[], more: Partial<Route> = {}): Route {
  return {
    shift_id: `sh_${name}`,
    technician_id: `tn_${name}`,
    technician_name: name,
    skills: { gas: 2 },
    starts_at: at('08:00'),
    ends_at: at('16:00'),
    departure_at: at('08:00'),
    end_at: at('15:30'),
    travel_s: 3_600,
    travel_home_s: 600,
    distance_m: 30_000,
    work_s: 20_000,
    overtime_s: 0,
    breaks: [],
    cost_cents: {},
    stops,
    ...more,
  }
}

export function plan(routes: Route[], more: Partial<Plan> = {}): Plan {
  return {
    territory_id: 'te_1',
    date: DATE,
    time_zone: 'UTC',
    version: 3,
    running_version: 3,
    published_version: 1,
    published_at: at('06:00'),
    routes,
    without_place: [],
    kpis: {} as Plan['kpis'],
    ...more,
  }
}

export function eta(visitId: string, shiftId: string, arrival: string, finish: string, more: Partial<Eta> = {}): Eta {
  return {
    visit_id: visitId,
    shift_id: shiftId,
    technician_id: shiftId.replace('sh_', 'tn_'),
    position: 0,
    arrival_at: at(arrival),
    earliest_at: at(arrival),
    latest_at: at(arrival),
    finish_at: at(finish),
    kept_permille: null,
    is_at_risk: false,
    ...more,
  }
}

export function progress(visitId: string, phase: Progress['phase'], more: Partial<Progress> = {}): Progress {
  return {
    visit_id: visitId,
    phase,
    technician_id: null,
    travel_started_at: null,
    arrived_at: null,
    started_at: null,
    finished_at: null,
    expected_at: null,
    extension_s: 0,
    reason: '',
    ...more,
  }
}

export function snapshot(routes: Route[], more: Partial<Snapshot> = {}): Snapshot {
  return {
    now: at('09:00'),
    stream_id: 7,
    plan: plan(routes),
    etas: [],
    progress: [],
    technicians: [],
    shifts: [],
    travel_permille: 1_000,
    cut_off: {},
    is_replan_wanted: false,
    proposals: [],
    ...more,
  }
}
