import type { Schemas } from '../lib/api/client'

/** Where somebody goes after signing in: back to where he came from, on this site only, or to the page of his role. */
export function destination(search: string, role: Schemas['Role']): string {
  const asked = new URLSearchParams(search).get('to') ?? ''
  if (/^\/(?![/\\])/.test(asked) && !asked.startsWith('/login')) return asked
  if (role === 'technician') return '/tech'
  return role === 'ops' ? '/ops' : '/board'
}
