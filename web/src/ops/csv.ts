/** Files for spreadsheets: made by the API, fetched as whoever is signed in. */
import { authorized, ApiError } from '../lib/api/client'
import { staff } from '../lib/api/session'
import { toast } from '../lib/ui/toasts.svelte'

const fetchAsStaff = authorized(staff)

export async function saveCsv(path: string, name: string): Promise<void> {
  try {
    const response = await fetchAsStaff(new URL(path, location.origin))
    if (!response.ok) throw new ApiError(response.status, {})
    const address = URL.createObjectURL(await response.blob())
    const link = Object.assign(document.createElement('a'), { href: address, download: `${name}.csv` })
    link.click()
    setTimeout(() => URL.revokeObjectURL(address), 10_000)
  } catch (error) {
    toast(error instanceof Error ? error.message : String(error), { kind: 'fault' })
  }
}
