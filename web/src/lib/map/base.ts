/** What maps are drawn on: tiles the operator has set, else the streets the service has, else nothing. */
import { makeApi, NOBODY, of } from '../api/client'
import { config } from '../config'
import type { Base, Streets } from './engine'

/** Streets come from an address of their own each time they were imported: browsers keep them for good. */
export async function baseOf(territoryId: string): Promise<Base> {
  const { tiles, streets } = await config()
  if (tiles !== null) return { kind: 'tiles', ...tiles }
  const content = streets[territoryId]
  if (content === undefined) return null
  const found = await of(
    makeApi(NOBODY).GET('/v1/territories/{territory_id}/basemap.geojson', {
      params: { path: { territory_id: territoryId }, query: { content } },
    }),
  )
  return { kind: 'streets', streets: found as unknown as Streets }
}
