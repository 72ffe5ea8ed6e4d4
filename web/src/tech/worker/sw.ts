/**
 * Lets the technician's page start without a network: it and all it loads are kept, as they were built together.
 *
 * Nothing else is: no other page, and no answer of the API. The day itself is in the page's own database.
 */
import { cacheName, isShell, PAGE, type Shell } from './shell'

/** Filled in by the build (plugins/tech-shell.ts). */
declare const __TECH_SHELL__: Shell

const worker = self as unknown as ServiceWorkerGlobalScope
const shell: Shell = __TECH_SHELL__
const name = cacheName(shell.version)

/** Keep everything, or nothing: a page without its parts would not start. */
async function install(): Promise<void> {
  const cache = await caches.open(name)
  for (const path of [PAGE, ...shell.files]) {
    const response = await fetch(path, { cache: 'reload', credentials: 'omit' })
    if (!response.ok) throw new Error(`${path} answered ${response.status}`)
    if (path === PAGE && (await digest(response.clone())) !== shell.page) throw new Error('the page is of another build')
    await cache.put(path, response)
  }
  // A page that is open has loaded all it needs; the next one starts with the new files.
  await worker.skipWaiting()
}

async function digest(response: Response): Promise<string> {
  const hash = await crypto.subtle.digest('SHA-256', await response.arrayBuffer())
  return [...new Uint8Array(hash)].map((byte) => byte.toString(16).padStart(2, '0')).join('')
}

async function activate(): Promise<void> {
  for (const key of await caches.keys()) if (key.startsWith(cacheName('')) && key !== name) await caches.delete(key)
  await worker.clients.claim()
}

async function answer(request: Request): Promise<Response> {
  const path = request.mode === 'navigate' ? PAGE : new URL(request.url).pathname
  const cache = await caches.open(name)
  return (await cache.match(path)) ?? (await fetch(request))
}

worker.addEventListener('install', (event) => event.waitUntil(install()))
worker.addEventListener('activate', (event) => event.waitUntil(activate()))
worker.addEventListener('fetch', (event) => {
  if (isShell(event.request, worker.location.origin, shell.files)) event.respondWith(answer(event.request))
})
