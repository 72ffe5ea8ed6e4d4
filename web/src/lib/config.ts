/** What the operator has configured for the pages, and the service's clock. */
import { makeApi, NOBODY, of, type Schemas } from './api/client'
import { heard } from './time/now.svelte'

export type Config = Schemas['WebConfig']

const nobody = makeApi(NOBODY)
let loading: Promise<Config> | null = null

/** Ask once a page, and set the page's clock by the service's; what failed may be asked again. */
export function config(): Promise<Config> {
  loading ??= read().catch((error: unknown) => {
    loading = null
    throw error
  })
  return loading
}

async function read(): Promise<Config> {
  const found = await of(nobody.GET('/v1/ui-config'))
  heard(found.now, found.clock_speed)
  return found
}

// The browser's clock stands still while a device sleeps.
if (typeof document !== 'undefined') {
  document.addEventListener('visibilitychange', () => {
    if (!document.hidden && loading !== null) void read().catch(() => {})
  })
}
