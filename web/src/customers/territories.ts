/** The territories, asked for once by everything on the page that needs their time zones. */
import { of, type Schemas } from '../lib/api/client'
import { api } from '../lib/api/session'

export type Territory = Schemas['TerritorySchema']

let asked: Promise<readonly Territory[]> | null = null

export function territories(): Promise<readonly Territory[]> {
  asked ??= of(api.GET('/v1/territories', { params: { query: { limit: 200 } } })).then(
    ({ items }) => items,
    (problem: unknown) => {
      // Asked again the next time.
      asked = null
      throw problem
    },
  )
  return asked
}
