/** What the operator has configured for the pages. */
import { makeApi, NOBODY, of, type Schemas } from './api/client'
import { heard } from './time/now.svelte'

export type Config = Schemas['WebConfig']

let loading: Promise<Config> | null = null

/** Ask once a page, and set the page's clock by the service's. */
export function config(): Promise<Config> {
  loading ??= of(makeApi(NOBODY).GET('/v1/ui-config')).then((found) => {
    heard(found.now, found.clock_speed)
    return found
  })
  return loading
}
