/** What the technician's page consists of, and which requests are for it. */

export interface Shell {
  /** Changes with every byte of the files. */
  version: string
  /** SHA-256 of the page, hexadecimal. */
  page: string
  /** Paths of everything the page loads. */
  files: readonly string[]
}

export const PAGE = '/tech'

export function cacheName(version: string): string {
  return `fieldops.tech ${version}`
}

/** Whether a request is for the page or one of its files; what it is asked with in the address does not matter. */
export function isShell(
  request: { method: string; mode: string; url: string },
  origin: string,
  files: readonly string[],
): boolean {
  const url = new URL(request.url)
  if (request.method !== 'GET' || url.origin !== origin) return false
  return request.mode === 'navigate' ? url.pathname === PAGE : files.includes(url.pathname)
}
