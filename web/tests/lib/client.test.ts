import { beforeEach, expect, test, vi } from 'vitest'

vi.hoisted(() => vi.stubGlobal('location', { origin: 'http://here.test' }))

import { ApiError, type Credentials, linkCredentials, makeApi, newId, NOBODY, of } from '../../src/lib/api/client'
import { save } from '../../src/lib/api/save'

let sent: Request[]
let answer: (request: Request) => Response | Promise<Response>

function json(status: number, body: unknown): Response {
  return new Response(JSON.stringify(body), { status, headers: { 'Content-Type': 'application/json' } })
}

beforeEach(() => {
  sent = []
  vi.stubGlobal('fetch', async (request: Request) => {
    sent.push(request)
    return await answer(request)
  })
})

const tokens = (): (string | null)[] => sent.map((request) => request.headers.get('Authorization'))

test('a token that was refused is renewed once, and the same is asked again', async () => {
  const somebody: Credentials = { token: async () => 'old', renewed: async () => 'new' }
  const bodies: string[] = []
  answer = async (request) => {
    bodies.push(await request.text())
    return json(request.headers.get('Authorization') === 'Bearer new' ? 200 : 401, {})
  }
  await of(makeApi(somebody).POST('/v1/customers/lookup', { body: { contact: 'x' } }))
  expect(tokens()).toEqual(['Bearer old', 'Bearer new'])
  expect(bodies).toEqual(['{"contact":"x"}', '{"contact":"x"}'])
})

test('a link has no other token, and nobody has none', async () => {
  answer = () => json(401, { code: 'E4001', detail: 'who are you?' })
  await expect(of(makeApi(linkCredentials('fol_1')).GET('/v1/track'))).rejects.toMatchObject({ code: 'E4001' })
  await expect(of(makeApi(NOBODY).GET('/v1/track'))).rejects.toThrow('who are you?')
  expect(tokens()).toEqual(['Bearer fol_1', null])
})

test('no answer is an error with a name', async () => {
  answer = () => Promise.reject(new TypeError('no network'))
  await expect(of(makeApi(NOBODY).GET('/v1/track'))).rejects.toMatchObject({ status: 0, code: 'offline' })
})

test('an answer that is no problem document is an error, too', async () => {
  answer = () => new Response('<h1>Bad Gateway</h1>', { status: 502 })
  const error = await of(makeApi(NOBODY).GET('/v1/track')).catch((problem: unknown) => problem)
  expect(error).toBeInstanceOf(ApiError)
  expect(error).toMatchObject({ status: 502, code: 'unexpected', faults: [] })
})

test('ids are long and never the same', () => {
  const ids = new Set(Array.from({ length: 100 }, newId))
  expect(ids.size).toBe(100)
  for (const id of ids) expect(id).toMatch(/^[0-9a-f]{32}$/)
})

test('a file is fetched with the token in a header, and saved under its name', async () => {
  const link = { click: vi.fn(), href: '', download: '' }
  vi.stubGlobal('document', { createElement: () => link })
  answer = () => new Response('BEGIN:VCALENDAR', { headers: { 'Content-Type': 'text/calendar' } })
  await save(linkCredentials('fol_1'), '/v1/bookings/bk_1/calendar.ics', 'visit.ics')
  expect(sent.map((request) => request.url)).toEqual(['http://here.test/v1/bookings/bk_1/calendar.ics'])
  expect(tokens()).toEqual(['Bearer fol_1'])
  expect(link.click).toHaveBeenCalledOnce()
  expect([link.download, link.href.startsWith('blob:')]).toEqual(['visit.ics', true])
})

test('nothing is saved of a file that is refused', async () => {
  const createElement = vi.fn()
  vi.stubGlobal('document', { createElement })
  answer = () => json(404, { code: 'E2001', detail: 'no such booking' })
  await expect(save(NOBODY, '/v1/x', 'x.csv')).rejects.toMatchObject({ code: 'E2001' })
  expect(createElement).not.toHaveBeenCalled()
})
