/** The link that a customer has opened: its token stands behind the `#`, which no browser sends anywhere. */
import { linkCredentials, makeApi, type Api, type Credentials } from '../lib/api/client'

export interface Link {
  token: string
  credentials: Credentials
  api: Api
}

/** Read the link of this page; null = there is none. */
export function openedLink(hash: string = location.hash): Link | null {
  const token = new URLSearchParams(hash.replace(/^#/, '')).get('token')
  if (token === null || token === '') return null
  const credentials = linkCredentials(token)
  return { token, credentials, api: makeApi(credentials) }
}
