import { beforeEach, expect, test, vi } from 'vitest'

vi.hoisted(() => {
  vi.stubGlobal('location', { origin: 'http://here.test', search: '' })
  vi.stubGlobal('navigator', { languages: ['en'] })
})

import { type Inbound, Inbox } from '../../src/customers/inbox.svelte'

/** What the service answers to `settle`, and what it is told. */
let status: number
let told: unknown[]

beforeEach(() => {
  status = 200
  told = []
  vi.stubGlobal('fetch', async (request: Request) => {
    const { pathname } = new URL(request.url)
    const init = { status: 200, headers: { 'Content-Type': 'application/json' } }
    if (pathname.endsWith('/refresh')) {
      return new Response(JSON.stringify({ access_token: 'at', expires_in_s: 900, user: {} }), init)
    }
    if (pathname.endsWith('/settle')) {
      told.push([pathname, await request.json()])
      return new Response(JSON.stringify({ code: 'E3004', title: 'Wrong state', status }), { ...init, status })
    }
    return new Response(JSON.stringify({ items: [{ id: 'im_1' }, { id: 'im_2' }], next: null }), init)
  })
})

const names = (inbox: Inbox): string[] => inbox.messages.map((message: Inbound) => message.id)

test('a message that was seen to is on the list no more', async () => {
  const inbox = new Inbox()
  await inbox.load()
  await inbox.settle('im_1', 'cu_1')
  expect(told).toEqual([['/v1/inbound-messages/im_1/settle', { customer_id: 'cu_1' }]])
  expect(names(inbox)).toEqual(['im_2'])
})

test('nor is one that somebody else has seen to meanwhile', async () => {
  const inbox = new Inbox()
  await inbox.load()
  status = 409
  await inbox.settle('im_2', null)
  expect(names(inbox)).toEqual(['im_1'])
})

test('one that could not be settled stays', async () => {
  const inbox = new Inbox()
  await inbox.load()
  status = 403
  await expect(inbox.settle('im_2', null)).rejects.toMatchObject({ status: 403 })
  expect(names(inbox)).toEqual(['im_1', 'im_2'])
})
