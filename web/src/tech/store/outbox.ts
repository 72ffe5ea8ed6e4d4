/** Events that wait to be sent, in the order in which they happened. They survive a restart and a killed browser. */
import type { Kept, Refusal } from '../types'
import type { Db } from './db'

/** What the sender needs of an outbox. */
export interface Outbox {
  /** What may be sent now, in order: up to the first event that can still be taken back. */
  due(now: number): Promise<Kept[]>
  sent(seqs: readonly number[]): Promise<void>
  refused(seq: number, refusal: Refusal): Promise<void>
}

/** Up to the first that is held: what comes after it has to wait, for order counts. */
export function dueOf(events: readonly Kept[], now: number): Kept[] {
  const waiting = events.filter((event) => event.state === 'waiting')
  const held = waiting.findIndex((event) => event.held_until > now)
  return held < 0 ? waiting : waiting.slice(0, held)
}

export class StoredOutbox implements Outbox {
  constructor(
    private readonly db: Db,
    private readonly userId: string,
  ) {}

  /** All events of the user, the oldest first. */
  all(): Promise<Kept[]> {
    return this.db.getAllFromIndex('events', 'user', this.userId)
  }

  /**
   * Write an event down; it is safe when this settles.
   *
   * Of positions only the newest counts: one that was not sent yet makes room for the next.
   */
  async append(event: Omit<Kept, 'seq'>): Promise<void> {
    const change = this.db.transaction('events', 'readwrite', { durability: 'strict' })
    if (event.kind === 'position') {
      const own = await change.store.index('user').getAll(this.userId)
      for (const known of own) if (known.kind === 'position' && known.state === 'waiting') await change.store.delete(known.seq)
    }
    await change.store.add(event as Kept)
    await change.done
  }

  /** Take an event back; false = too late, it may be on its way. */
  async takeBack(id: string, now: number): Promise<boolean> {
    const change = this.db.transaction('events', 'readwrite')
    const own = await change.store.index('user').getAll(this.userId)
    const event = own.find((known) => known.id === id)
    const isHeld = event !== undefined && event.state === 'waiting' && event.held_until > now
    if (isHeld) await change.store.delete(event.seq)
    await change.done
    return isHeld
  }

  async due(now: number): Promise<Kept[]> {
    return dueOf(await this.all(), now)
  }

  async sent(seqs: readonly number[]): Promise<void> {
    await this.change(seqs, (event) => ({ ...event, state: 'sent', refusal: null }))
  }

  async refused(seq: number, refusal: Refusal): Promise<void> {
    await this.change([seq], (event) => ({ ...event, state: 'refused', refusal }))
  }

  /** Try again what was set aside. */
  async tryAgain(): Promise<void> {
    const refused = (await this.all()).filter((event) => event.state === 'refused')
    const seqs = refused.map((event) => event.seq)
    await this.change(seqs, (event) => ({ ...event, state: 'waiting', refusal: null }))
  }

  /** Let nothing be taken back any more: the page may be closed now. */
  async endHolds(): Promise<void> {
    const held = (await this.all()).filter((event) => event.state === 'waiting' && event.held_until > 0)
    const seqs = held.map((event) => event.seq)
    await this.change(seqs, (event) => ({ ...event, held_until: 0 }))
  }

  /** Forget events that a day shows which was loaded after they were sent. */
  async forget(seqs: readonly number[]): Promise<void> {
    const change = this.db.transaction('events', 'readwrite')
    for (const seq of seqs) await change.store.delete(seq)
    await change.done
  }

  private async change(seqs: readonly number[], turn: (event: Kept) => Kept): Promise<void> {
    const change = this.db.transaction('events', 'readwrite')
    for (const seq of seqs) {
      const event = await change.store.get(seq)
      if (event !== undefined) await change.store.put(turn(event))
    }
    await change.done
  }
}
