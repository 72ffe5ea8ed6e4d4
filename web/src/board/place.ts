/** Which territory and date the board shows: in the address of the page, so that it can be kept and passed on. */
import type { Schemas } from '../lib/api/client'

export type Territory = Schemas['TerritorySchema']

export interface Place {
  territoryId: string | null
  date: string | null
}

const DATE = /^\d{4}-\d{2}-\d{2}$/
const STORED = 'fieldops.territory'

export function placeOf(search: string): Place {
  const asked = new URLSearchParams(search)
  const date = asked.get('date')
  return { territoryId: asked.get('territory'), date: date !== null && DATE.test(date) ? date : null }
}

/** Query of the address for a place; today needs no date, which would be yesterday tomorrow. */
export function searchOf(territoryId: string, date: string, today: string): string {
  const query = new URLSearchParams({ territory: territoryId })
  if (date !== today) query.set('date', date)
  return `?${query}`
}

/** The territory to be shown: the one asked for, the one looked at last, the first. */
export function chosen(territories: readonly Territory[], askedId: string | null, lastId: string | null): Territory | undefined {
  const known = (id: string | null): Territory | undefined => territories.find((territory) => territory.id === id)
  return known(askedId) ?? known(lastId) ?? territories[0]
}

export function lastTerritory(): string | null {
  try {
    return localStorage.getItem(STORED)
  } catch {
    return null
  }
}

export function rememberTerritory(id: string): void {
  try {
    localStorage.setItem(STORED, id)
  } catch {
    // Storage is switched off in some embedded pages.
  }
}
