import { beforeEach, expect, test, vi } from 'vitest'
import type * as Session from '../../src/lib/api/session'

const LOGIN = { access_token: 'at_1', expires_in_s: 900, user: { id: 'us_1', name: 'Dana' } }

let assign: ReturnType<typeof vi.fn>
/** What the service answers to each renewal: a status, or null for no connection. */
let renewals: (number | null)[]
let session: typeof Session

beforeEach(async () => {
  assign = vi.fn()
  renewals = []
  vi.stubGlobal('location', { origin: 'http://here.test', pathname: '/board', search: '?date=x', hash: '', assign })
  vi.stubGlobal('navigator', {})
  vi.stubGlobal('fetch', async (request: Request) => {
    const path = new URL(request.url).pathname
    if (path === '/v1/auth/logout') return new Response(null, { status: 204 })
    if (path !== '/v1/auth/refresh') return new Response('{}', { status: 401 })
    const status = renewals.shift()
    if (status == null) throw new TypeError('no network')
    const body = status === 200 ? LOGIN : { code: 'unauthenticated' }
    return new Response(JSON.stringify(body), { status, headers: { 'Content-Type': 'application/json' } })
  })
  vi.resetModules()
  session = await import('../../src/lib/api/session')
})

test('whose login ends under an open page is led to sign in, and back', async () => {
  renewals = [200, 401]
  await session.resume()
  await expect(session.api.GET('/v1/reports/queues')).resolves.toMatchObject({ response: { status: 401 } })
  expect(assign.mock.calls).toEqual([['/login?to=%2Fboard%3Fdate%3Dx']])
})

test('a page that never had a login decides itself', async () => {
  renewals = [401]
  expect(await session.resume()).toBeNull()
  expect(assign).not.toHaveBeenCalled()
})

test.each([null, 503, 429])('%j is no answer about the login', async (status) => {
  renewals = [200, status]
  await session.resume()
  await expect(session.resume()).rejects.toThrow()
  expect(assign).not.toHaveBeenCalled()
})

test('whoever signs out is not asked to come back', async () => {
  renewals = [200, 401]
  await session.resume()
  await session.signOut()
  expect(await session.resume()).toBeNull()
  expect(assign).not.toHaveBeenCalled()
})

test('a page may do something else', async () => {
  renewals = [200, 401]
  const ended = vi.fn()
  session.whenLoginEnds(ended)
  await session.resume()
  await session.resume()
  expect(ended).toHaveBeenCalledOnce()
  expect(assign).not.toHaveBeenCalled()
})

test('without locks things are done all the same', async () => {
  expect(await session.inTurn('x', async () => 7)).toBe(7)
})

test('with locks it is one tab at a time', async () => {
  const request = vi.fn(async (_name: string, run: () => Promise<unknown>) => run())
  vi.stubGlobal('navigator', { locks: { request } })
  expect(await session.inTurn('x', async () => 7)).toBe(7)
  expect(request.mock.calls[0]?.[0]).toBe('x')
})
