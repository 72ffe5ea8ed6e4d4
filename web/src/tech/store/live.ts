/** Hear of changes of a day as they happen. */
import { staff } from '../../lib/api/session'
import { type StreamState, watch } from '../../lib/api/stream'
import type { Day } from '../types'

/** Changes that come together are told together, milliseconds. */
const SETTLE = 400

export interface Listener {
  /** Something is different from what is known. */
  onNews(): void
  onState(state: StreamState): void
  /** The day as it is known. */
  known(): Day | null
}

/** Watches one day of one user at a time. */
export class Live {
  private stopWatching: (() => void) | null = null
  private watched = ''
  private telling: ReturnType<typeof setTimeout> | undefined

  constructor(private readonly listener: Listener) {}

  /** Watch a day from now on; nothing happens when that is done already. */
  listen(userId: string, date: string): void {
    const name = `${userId} ${date}`
    if (this.watched === name) return
    this.stop()
    this.watched = name
    this.stopWatching = watch({
      url: `/v1/streams/technician?date=${date}`,
      credentials: staff,
      onEvent: ({ kind, data }) => {
        // A stream begins with the day as it is: mostly the one that has just been loaded.
        const isKnown = kind === 'snapshot' && JSON.stringify(data) === JSON.stringify(this.listener.known())
        if (!isKnown) this.tell()
      },
      onState: (state) => {
        if (state === 'refused') this.watched = ''
        this.listener.onState(state)
      },
    })
  }

  stop(): void {
    this.stopWatching?.()
    this.stopWatching = null
    this.watched = ''
  }

  private tell(): void {
    this.telling ??= setTimeout(() => {
      this.telling = undefined
      this.listener.onNews()
    }, SETTLE)
  }
}
