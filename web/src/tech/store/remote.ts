/** What the page asks of the service. */
import { makeApi, NOBODY, of, once } from '../../lib/api/client'
import { api } from '../../lib/api/session'
import type { Anchor } from '../clock'
import { hear } from '../clock'
import type { Day, Receipt, Reported } from '../types'

const nobody = makeApi(NOBODY)

/** Ask what time it is for the service. */
export async function loadClock(): Promise<Anchor> {
  const { now, clock_speed } = await of(nobody.GET('/v1/ui-config'))
  return hear(now, clock_speed)
}

/** Load a day; today of the territory without a date. */
export async function loadDay(technicianId: string, date?: string): Promise<Day> {
  const query = date === undefined ? {} : { date }
  return await of(api.GET('/v1/technicians/{technician_id}/day', { params: { path: { technician_id: technicianId }, query } }))
}

/** Report events, all or none. */
export async function report(events: readonly Reported[]): Promise<readonly Receipt[]> {
  const body = { events: [...events] }
  return (await of(api.POST('/v1/progress', { body, params: { header: once() } }))).receipts
}

/** Make a link to subscribe to the calendar of a technician. */
export async function calendarLink(technicianId: string): Promise<string> {
  const body = { purpose: 'calendar' as const, subject_id: technicianId }
  return (await of(api.POST('/v1/links', { body, params: { header: once() } }))).url ?? ''
}
