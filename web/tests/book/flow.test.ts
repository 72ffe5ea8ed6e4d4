import { beforeEach, expect, test, vi } from 'vitest'

vi.hoisted(() => {
  vi.stubGlobal('location', { origin: 'http://book.test', search: '' })
  vi.stubGlobal('navigator', { languages: ['en'] })
})

import { Flow, type Hold } from '../../src/book/flow.svelte'
import type { Offer } from '../../src/lib/windows/group'

const HOLD_A = { id: 'ho_a', offer_id: 'of_a', window_start: '2026-03-17T14:00:00Z', state: 'active' } as unknown as Hold

function offer(name: string, rank: number): Offer {
  return { id: name, rank, window_start: '2026-03-17T14:00:00Z', reasons: [] } as unknown as Offer
}

/** What was asked of the service, and what it answers: method and path to status and document. */
let asked: string[]
let tokens: (string | null)[]
let answers: Record<string, [number, unknown]>

function flowThatHoldsA(): Flow {
  const flow = new Flow('te_1')
  flow.request = { token: 'fol_x', visit_id: 'vi_1' } as Flow['request']
  flow.offers = [offer('of_a', 1), offer('of_b', 2), offer('of_c', 3)]
  flow.hold = HOLD_A
  flow.back('when')
  flow.chosen = 'of_b'
  return flow
}

beforeEach(() => {
  asked = []
  tokens = []
  answers = {}
  vi.stubGlobal('fetch', async (request: Request) => {
    const name = `${request.method} ${new URL(request.url).pathname}`
    asked.push(name)
    tokens.push(request.headers.get('Authorization'))
    const [status, body] = answers[name] ?? [404, {}]
    return new Response(JSON.stringify(body), { status, headers: { 'Content-Type': 'application/json' } })
  })
})

test('whoever loses the race for another window keeps the one that is held', async () => {
  answers['POST /v1/holds'] = [409, { code: 'window_taken', details: { offers: [offer('of_c', 1)] } }]
  const flow = flowThatHoldsA()
  await flow.holdChosen()
  expect(asked).toEqual(['POST /v1/holds'])
  expect(flow.hold).toEqual(HOLD_A)
  expect([flow.step, flow.setback, flow.chosen]).toEqual(['when', 'taken', 'of_c'])
  flow.go('who')
  expect(flow.hold).toEqual(HOLD_A)
})

test('a lost connection loses nothing either', async () => {
  const flow = flowThatHoldsA()
  vi.stubGlobal('fetch', async () => Promise.reject(new TypeError('no network')))
  await flow.holdChosen()
  expect(flow.hold).toEqual(HOLD_A)
  expect(flow.error).not.toBeNull()
})

test('the other window takes the place of the one that was held', async () => {
  const held = { ...HOLD_A, id: 'ho_b', offer_id: 'of_b' }
  answers['POST /v1/holds'] = [201, held]
  const flow = flowThatHoldsA()
  await flow.holdChosen()
  expect(asked).toEqual(['POST /v1/holds'])
  expect(flow.hold).toEqual(held)
  expect(flow.step).toBe('who')
})

test('another request lets the window go once it is there, with the token of the one before', async () => {
  const flow = flowThatHoldsA()
  flow.site = { address: '1 Main St', latitude: 0, longitude: 0 } as Flow['site']
  flow.serviceId = 'sv_1'
  await flow.ask()
  expect([flow.hold, flow.request?.token]).toEqual([HOLD_A, 'fol_x'])
  answers['POST /v1/booking/te_1/requests'] = [201, { token: 'fol_y', visit_id: 'vi_2' }]
  answers['DELETE /v1/holds/ho_a'] = [200, {}]
  answers['POST /v1/quotes'] = [201, { offers: [offer('of_z', 1)] }]
  asked = []
  tokens = []
  await flow.ask()
  expect(asked).toEqual(['POST /v1/booking/te_1/requests', 'DELETE /v1/holds/ho_a', 'POST /v1/quotes'])
  expect(tokens).toEqual([null, 'Bearer fol_x', 'Bearer fol_y'])
  expect([flow.hold, flow.step]).toEqual([null, 'when'])
})

test('a hold that ends while one looks at other windows is over, and the choice stays', async () => {
  const flow = flowThatHoldsA()
  await flow.expired()
  expect(flow.hold).toBeNull()
  expect([flow.step, flow.setback, flow.chosen]).toEqual(['when', 'expired', 'of_b'])
})
