/** What the technician's page works with, in the words of the API. */
import type { Schemas } from '../lib/api/client'

export type Day = Schemas['TechnicianDaySchema']
export type DayShift = Schemas['DayShiftSchema']
export type DayStop = Schemas['DayStopSchema']
export type Place = Schemas['DayPlaceSchema']
export type Receipt = Schemas['EventReceiptSchema']
export type User = Schemas['User']

/** What technicians report. */
export type Kind =
  | 'travel_started'
  | 'arrived'
  | 'started'
  | 'extended'
  | 'delayed'
  | 'done'
  | 'could_not_complete'
  | 'no_show'
  | 'reopened'
  | 'position'
  | 'technician_out'
  | 'vehicle_down'
  | 'technician_back'

/** One thing that happened, as it is reported; never changed once it is written down. */
export interface Reported {
  id: string
  kind: Kind
  visit_id: string | null
  occurred_at: string
  minutes: number
  expected_at: string | null
  reason: string
  latitude: number | null
  longitude: number | null
}

/** Why an event was set aside: the service will never take it as it is. */
export interface Refusal {
  status: number
  code: string
  message: string
}

/**
 * An event on this phone.
 *
 * `waiting` = not sent yet; `sent` = the service has it, but no day was loaded since that shows it; `refused` = set aside.
 */
export interface Kept extends Reported {
  seq: number
  user_id: string
  state: 'waiting' | 'sent' | 'refused'
  /** Until then it can be taken back, and is not sent; milliseconds of the phone's clock. */
  held_until: number
  refusal: Refusal | null
  /** Whom it is about, for lists: the visit may be gone from the day by then. */
  about: string
}
