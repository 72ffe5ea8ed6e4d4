import { beforeEach, expect, test, vi } from 'vitest'

vi.hoisted(() => vi.stubGlobal('location', { origin: 'http://here.test' }))

import { NOBODY } from '../../src/lib/api/client'
import { type StreamState, watch } from '../../src/lib/api/stream'

class Tab extends EventTarget {
  hidden = false

  show(isShown: boolean): void {
    this.hidden = !isShown
    this.dispatchEvent(new Event('visibilitychange'))
  }
}

/** A stream as the service sees it. */
interface Opened {
  lastId: string | null
  isOpen: boolean
  tell(text: string): void
  /** Kept: Node holds a request's signal weakly, and a signal that is collected is never aborted. */
  request: Request
}

let tab: Tab
let opened: Opened[]

beforeEach(() => {
  vi.useFakeTimers()
  tab = new Tab()
  opened = []
  vi.stubGlobal('document', tab)
  vi.stubGlobal('fetch', async (request: Request) => {
    let bytes!: ReadableStreamDefaultController<Uint8Array>
    const body = new ReadableStream<Uint8Array>({ start: (controller) => void (bytes = controller) })
    const stream: Opened = {
      lastId: request.headers.get('Last-Event-ID'),
      isOpen: true,
      request,
      tell: (text) => bytes.enqueue(new TextEncoder().encode(text)),
    }
    request.signal.addEventListener('abort', () => {
      stream.isOpen = false
      bytes.error(new DOMException('aborted', 'AbortError'))
    })
    opened.push(stream)
    return new Response(body)
  })
})

const pass = (seconds: number): Promise<unknown> => vi.advanceTimersByTimeAsync(seconds * 1_000)
const open = (): number => opened.filter((stream) => stream.isOpen).length

function watching(): { heard: string[]; states: StreamState[]; stop: () => void } {
  const heard: string[] = []
  const states: StreamState[] = []
  const stop = watch({
    url: '/v1/streams/visit',
    credentials: NOBODY,
    onEvent: ({ kind }) => heard.push(kind),
    onState: (state) => states.push(state),
  })
  return { heard, states, stop }
}

test('a page that nobody looks at lets go of its stream, and goes on at once where it was', async () => {
  const { heard, states, stop } = watching()
  await pass(0)
  opened[0]!.tell('id: 7\nevent: plan\ndata: {}\n\n')
  await pass(0)
  tab.show(false)
  await pass(4)
  expect(open()).toBe(1)
  await pass(2)
  expect(open()).toBe(0)
  await pass(3_600)
  expect(opened).toHaveLength(1)
  tab.show(true)
  await pass(0)
  expect(open()).toBe(1)
  expect(opened[1]!.lastId).toBe('7')
  opened[1]!.tell('id: 8\nevent: eta\ndata: {}\n\n')
  await pass(0)
  expect(heard).toEqual(['plan', 'eta'])
  expect(states).toEqual(['connecting', 'live', 'reconnecting', 'live'])
  stop()
  expect(open()).toBe(0)
})

test('a glance at another tab changes nothing', async () => {
  const { stop } = watching()
  await pass(0)
  tab.show(false)
  await pass(3)
  tab.show(true)
  await pass(20)
  expect(opened).toHaveLength(1)
  expect(open()).toBe(1)
  stop()
})

test('a tab that was opened behind another one does not keep a connection either', async () => {
  tab.hidden = true
  const { stop } = watching()
  await pass(10)
  expect(opened).toHaveLength(1)
  expect(open()).toBe(0)
  stop()
})

test('a page hidden while it waits to come back comes back when it is shown', async () => {
  const { stop } = watching()
  await pass(0)
  await pass(41)
  tab.show(false)
  const before = opened.length
  await pass(60)
  expect(open()).toBe(0)
  tab.show(true)
  await pass(0)
  expect(opened.length).toBe(before + 1)
  stop()
})
