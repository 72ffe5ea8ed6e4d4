/** The visit that a link is for, kept up to date by its stream. */
import { ApiError, of, type Schemas } from '../lib/api/client'
import { watch, type StreamState } from '../lib/api/stream'
import { now } from '../lib/time/now.svelte'
import type { Link } from './link'

export type Track = Schemas['TrackSchema']

export class Tracked {
  readonly link: Link
  track: Track | null = $state.raw(null)
  /** Why there is nothing to show. */
  error: unknown = $state.raw(null)
  live: StreamState = $state('connecting')
  /** When what is shown was heard. */
  heardAt: Date | null = $state.raw(null)
  private stop: (() => void) | null = null

  constructor(link: Link) {
    this.link = link
  }

  /** Load and watch; call what is returned in the end. */
  open(): () => void {
    void this.load()
    return () => this.stop?.()
  }

  async load(): Promise<void> {
    try {
      this.show(await of(this.link.api.GET('/v1/track')))
      this.error = null
      this.follow()
    } catch (error) {
      // A page that shows something goes on showing it: the stream says that it is not live.
      if (this.track === null || (error instanceof ApiError && error.status === 401)) this.error = error
    }
  }

  show(track: Track): void {
    this.track = track
    this.heardAt = now()
  }

  private follow(): void {
    this.stop ??= watch({
      url: '/v1/streams/visit',
      credentials: this.link.credentials,
      onState: (state) => (this.live = state),
      onEvent: ({ kind, data }) => {
        if (kind === 'snapshot') this.show(data as Track)
        else if (kind !== 'reset') void this.load()
      },
    })
  }
}
