import { beforeEach, expect, test, vi } from 'vitest'

vi.hoisted(() => {
  vi.stubGlobal('location', { origin: 'http://here.test', search: '' })
  vi.stubGlobal('navigator', { languages: ['en'] })
})

import { Customer } from '../../src/customers/customer.svelte'

/** What the service answers, by method and path. */
let answers: Record<string, unknown>
let asked: string[]

beforeEach(() => {
  asked = []
  answers = {
    'GET /v1/customers/cu_1': { customer: { name: 'Dan' }, territory_id: 'te_2', upcoming_bookings: [], same_contacts: [] },
    'GET /v1/work-orders': { items: [], next: null },
    'GET /v1/customers/cu_1/timeline': { items: [], next: null },
    'GET /v1/territories': {
      items: [
        { id: 'te_1', time_zone: 'America/Denver' },
        { id: 'te_2', time_zone: 'America/New_York' },
      ],
      next: null,
    },
    'POST /v1/customers/cu_1/merge': {},
    'POST /v1/auth/refresh': { access_token: 'at', expires_in_s: 900, user: {} },
  }
  vi.stubGlobal('fetch', async (request: Request) => {
    const name = `${request.method} ${new URL(request.url).pathname}`
    asked.push(name)
    const body = answers[name]
    const init = { status: body === undefined ? 404 : 200, headers: { 'Content-Type': 'application/json' } }
    return new Response(JSON.stringify(body ?? {}), init)
  })
})

test('times are those of where the visit is, else of the newest order, closed or not', async () => {
  const customer = new Customer('cu_1')
  await customer.load()
  expect(customer.zoneOf('te_1')).toBe('America/Denver')
  expect(customer.zoneOf()).toBe('America/New_York')
})

test('whoever never ordered is told times of the first territory', async () => {
  answers['GET /v1/customers/cu_1'] = { customer: { name: 'Zoe' }, territory_id: null }
  const customer = new Customer('cu_1')
  await customer.load()
  expect(customer.zoneOf()).toBe('America/Denver')
})

test('after a merge the customer is read anew; one that fails is for the page to say', async () => {
  const customer = new Customer('cu_1')
  await customer.load()
  asked = []
  await customer.merge('cu_2', 'key')
  expect(asked[0]).toBe('POST /v1/customers/cu_1/merge')
  expect(asked).toContain('GET /v1/customers/cu_1')
  delete answers['POST /v1/customers/cu_1/merge']
  await expect(customer.merge('cu_3', 'other key')).rejects.toThrow()
  expect(customer.error).toBeNull()
})
