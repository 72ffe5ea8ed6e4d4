/**
 * A stream of server-sent events that comes back by itself.
 *
 * `EventSource` can send no credentials, so this reads the stream with `fetch`. It goes on where it was
 * (`Last-Event-ID`), lets go of pages that nobody looks at, and says how fresh what is shown is.
 */
import { createParser } from 'eventsource-parser'
import { authorized, type Credentials } from './client'

export interface StreamEvent {
  /** Where it stands in the stream; undefined = nowhere. */
  id?: number
  kind: string
  data: unknown
}

export type StreamState = 'connecting' | 'live' | 'reconnecting' | 'refused'

export interface StreamOptions {
  /** Address and query; relative to the origin. */
  url: string
  credentials: Credentials
  /** Id of the last event that is known already: the stream goes on after it instead of beginning with a snapshot. */
  after?: number
  onEvent(event: StreamEvent): void
  onState?(state: StreamState, since: Date): void
}

/** First and longest wait before coming back, milliseconds. */
const FIRST_WAIT = 500
const LONGEST_WAIT = 15_000
/**
 * How long a hidden page stays connected, milliseconds: a browser that speaks HTTP/1.1 has six connections to the
 * service, for all its tabs.
 */
const HIDDEN_FOR = 5_000
/** The service says something at least every 15 s; after so long without a word the connection is dead. */
const SILENT_FOR = 40_000

/** Watch a stream; returns what ends it. */
export function watch(options: StreamOptions): () => void {
  let lastId: string | null = options.after?.toString() ?? null
  let abort = new AbortController()
  let isOver = false
  let state: StreamState | null = null
  let wait = FIRST_WAIT
  let sleeping: ReturnType<typeof setTimeout> | undefined
  const fetchAs = authorized(options.credentials)

  function say(next: StreamState): void {
    if (state === next) return
    state = next
    options.onState?.(next, new Date())
  }

  async function read(): Promise<void> {
    const headers: Record<string, string> = { Accept: 'text/event-stream' }
    if (lastId !== null) headers['Last-Event-ID'] = lastId
    const response = await fetchAs(new URL(options.url, location.origin), { headers, signal: abort.signal })
    if (response.status >= 400 && response.status < 500 && response.status !== 429) {
      isOver = true
      return say('refused')
    }
    if (!response.ok || response.body === null) throw new Error(`stream answered ${response.status}`)
    say('live')
    wait = FIRST_WAIT
    const parser = createParser({
      onEvent({ id, event, data }) {
        if (id !== undefined) lastId = id
        options.onEvent({ ...(id === undefined ? {} : { id: Number(id) }), kind: event ?? 'message', data: data === '' ? null : JSON.parse(data) })
      },
    })
    const reader = response.body.pipeThrough(new TextDecoderStream()).getReader()
    for (;;) {
      const silence = setTimeout(() => abort.abort(), SILENT_FOR)
      const { done, value } = await reader.read().finally(() => clearTimeout(silence))
      if (done) return
      parser.feed(value)
    }
  }

  async function run(): Promise<void> {
    say('connecting')
    while (!isOver) {
      abort = new AbortController()
      try {
        await read()
      } catch {
        // Whatever it was, the answer is to come back.
      }
      if (isOver) return
      say('reconnecting')
      if (!document.hidden) await new Promise((resolve) => setTimeout(resolve, wait * (0.5 + Math.random())))
      wait = Math.min(2 * wait, LONGEST_WAIT)
      // Whoever looks again does not wait.
      if (document.hidden) await new Promise((resolve) => document.addEventListener('visibilitychange', resolve, { once: true }))
    }
  }

  function onVisibility(): void {
    clearTimeout(sleeping)
    if (document.hidden) sleeping = setTimeout(() => abort.abort(), HIDDEN_FOR)
  }
  document.addEventListener('visibilitychange', onVisibility)
  onVisibility()
  void run()
  return () => {
    isOver = true
    clearTimeout(sleeping)
    document.removeEventListener('visibilitychange', onVisibility)
    abort.abort()
  }
}
