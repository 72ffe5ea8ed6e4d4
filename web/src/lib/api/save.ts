/**
 * Files that the API makes, and tables of what it has told, saved by the browser.
 *
 * Files are fetched with credentials in a header: an address with a token in it would stay in histories and logs.
 */
import { ApiError, authorized, type Credentials, type Schemas } from './client'
import { csvOf } from './csv'

/** So long a file can be saved after it was offered: telephones ask first, milliseconds. */
const KEPT_FOR = 60_000

/** Save what is at a path of the API under a name. */
export async function save(credentials: Credentials, path: string, name: string): Promise<void> {
  const response = await authorized(credentials)(new URL(path, location.origin))
  if (!response.ok) {
    const problem = (await response.json().catch(() => ({}))) as Partial<Schemas['Problem']>
    throw new ApiError(response.status, problem)
  }
  offer(await response.blob(), name)
}

/** Save rows that the API has told as a table. */
export function saveRows(rows: readonly object[], name: string): void {
  offer(new Blob([csvOf(rows)], { type: 'text/csv' }), name)
}

function offer(content: Blob, name: string): void {
  const address = URL.createObjectURL(content)
  const link = Object.assign(document.createElement('a'), { href: address, download: name })
  link.click()
  setTimeout(() => URL.revokeObjectURL(address), KEPT_FOR)
}

/** Save the appointment of a booking as a file that calendars open. */
export async function saveVisit(credentials: Credentials, bookingId: string): Promise<void> {
  await save(credentials, `/v1/bookings/${encodeURIComponent(bookingId)}/calendar.ics`, 'visit.ics')
}
