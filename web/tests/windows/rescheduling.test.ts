import { beforeEach, expect, test, vi } from 'vitest'

vi.hoisted(() => {
  vi.stubGlobal('location', { origin: 'http://here.test', search: '' })
  vi.stubGlobal('navigator', { languages: ['en'] })
})

import { makeApi, NOBODY } from '../../src/lib/api/client'
import type { Offer } from '../../src/lib/windows/group'
import { Rescheduling } from '../../src/lib/windows/rescheduling.svelte'

const MOVE = 'POST /v1/bookings/bk_1/reschedule'
const QUOTE = 'POST /v1/quotes'

function offer(id: string, rank: number): Offer {
  return { id, rank, window_start: '2026-03-17T14:00:00Z', reasons: [] } as unknown as Offer
}

let asked: { name: string; key: string | null }[]
/** By method and path: a status and a document, or no connection. */
let answers: Record<string, [number, unknown] | null>

beforeEach(() => {
  asked = []
  answers = { [QUOTE]: [201, { offers: [offer('of_a', 1), offer('of_b', 2)] }], [MOVE]: [200, {}] }
  vi.stubGlobal('fetch', async (request: Request) => {
    const name = `${request.method} ${new URL(request.url).pathname}`
    asked.push({ name, key: request.headers.get('Idempotency-Key') })
    const answer = answers[name]
    if (!answer) throw new TypeError('no network')
    const [status, body] = answer
    return new Response(JSON.stringify(body), { status, headers: { 'Content-Type': 'application/json' } })
  })
})

async function choosing(id: string): Promise<Rescheduling> {
  const moving = new Rescheduling(makeApi(NOBODY), { bookingId: 'bk_1', visitId: 'vi_1' })
  await moving.load()
  moving.chosen = id
  asked = []
  return moving
}

test('a double click moves the visit once', async () => {
  const moving = await choosing('of_b')
  const [first, second] = await Promise.all([moving.take(), moving.take()])
  expect([first?.id, second]).toEqual(['of_b', null])
  expect(asked.map(({ name }) => name)).toEqual([MOVE])
  expect(moving.isTaken).toBe(false)
})

test('the same window again is the same request, another one is another', async () => {
  answers[MOVE] = null
  const moving = await choosing('of_b')
  await moving.take()
  await moving.take()
  moving.chosen = 'of_a'
  await moving.take()
  const [one, again, other] = asked.map(({ key }) => key)
  expect(one).toBe(again)
  expect(other).not.toBe(one)
})

test('whoever was slower sees what else there is, the best of it chosen', async () => {
  answers[MOVE] = [409, { code: 'E3001', details: { offers: [offer('of_d', 2), offer('of_c', 1)] } }]
  const moving = await choosing('of_a')
  expect(await moving.take()).toBeNull()
  expect([moving.isTaken, moving.chosen, moving.isBusy]).toEqual([true, 'of_c', false])
})

test('offers that are too old are asked for again', async () => {
  answers[MOVE] = [409, { code: 'E3002', details: {} }]
  const moving = await choosing('of_a')
  await moving.take()
  expect(asked.map(({ name }) => name)).toEqual([MOVE, QUOTE])
  expect(moving.chosen).toBe('of_b')
})

test('a booking that was canceled meanwhile is no lost race', async () => {
  answers[MOVE] = [409, { code: 'E3005', detail: 'the booking is canceled' }]
  const moving = await choosing('of_a')
  await moving.take()
  expect(moving.isTaken).toBe(false)
  expect(moving.error).toMatchObject({ code: 'E3005' })
})

test('a visit without an appointment gets its first: the window is held and promised', async () => {
  answers['POST /v1/holds'] = [201, { id: 'ho_1' }]
  answers['POST /v1/bookings'] = null
  const booking = new Rescheduling(makeApi(NOBODY), { bookingId: null, visitId: 'vi_1' })
  await booking.load()
  booking.chosen = 'of_a'
  asked = []
  expect(await booking.take()).toBeNull()
  expect(booking.error).toMatchObject({ code: 'offline' })
  answers['POST /v1/bookings'] = [201, {}]
  expect(await booking.take()).toMatchObject({ id: 'of_a' })
  expect(asked.map(({ name }) => name)).toEqual([
    'POST /v1/holds',
    'POST /v1/bookings',
    'POST /v1/holds',
    'POST /v1/bookings',
  ])
  expect(asked[2]!.key).toBe(asked[0]!.key)
  expect(asked[3]!.key).toBe('confirm-ho_1')
})

test('whoever was too slow to have the first appointment chooses again', async () => {
  answers['POST /v1/holds'] = [409, { code: 'E3001', details: { offers: [offer('of_c', 1)] } }]
  const booking = new Rescheduling(makeApi(NOBODY), { bookingId: null, visitId: 'vi_1' })
  await booking.load()
  booking.chosen = 'of_a'
  expect(await booking.take()).toBeNull()
  expect([booking.isTaken, booking.chosen]).toEqual([true, 'of_c'])
})
