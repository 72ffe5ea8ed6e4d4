/** What maps are drawn on: tiles the operator has set, else the streets the service has, else nothing. */
import type { Base, Streets } from './engine'

export async function baseOf(tiles: { url: string; attribution: string } | null, territoryId: string): Promise<Base> {
  if (tiles !== null) return { kind: 'tiles', ...tiles }
  const response = await fetch(`/v1/territories/${encodeURIComponent(territoryId)}/basemap.geojson`)
  if (!response.ok) return null
  const streets = (await response.json()) as Streets
  return streets.features.length === 0 ? null : { kind: 'streets', streets }
}
