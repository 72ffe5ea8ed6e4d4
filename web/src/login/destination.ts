import type { Schemas } from '../lib/api/client'

/** Where somebody goes after signing in: back to where he came from, on this site only, or to the page of his role. */
export function destination(search: string, role: Schemas['Role'], origin: string = location.origin): string {
  const asked = hereOnly(new URLSearchParams(search).get('to') ?? '', origin)
  if (asked !== null) return asked
  if (role === 'technician') return '/tech'
  return role === 'ops' ? '/ops' : '/board'
}

/** An address of this site, as the browser itself reads it; null = none, another site's, or the sign-in page. */
function hereOnly(asked: string, origin: string): string | null {
  if (!asked.startsWith('/')) return null
  let url: URL
  try {
    url = new URL(asked, origin)
  } catch {
    return null
  }
  if (url.origin !== origin || url.pathname.startsWith('/login')) return null
  // A path that begins with two slashes would name a host when it is read again.
  return url.pathname.replace(/^\/+/, '/') + url.search + url.hash
}
