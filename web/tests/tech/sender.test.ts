import { describe, expect, it } from 'vitest'
import { ApiError } from '../../src/lib/api/client'
import { dueOf, type Outbox } from '../../src/tech/store/outbox'
import { BATCH, type Post, sendDue } from '../../src/tech/store/sender'
import type { Kept, Receipt, Refusal } from '../../src/tech/types'
import { event } from './builders'

/** An outbox in memory. */
class Box implements Outbox {
  constructor(readonly events: Kept[]) {}

  async due(now: number): Promise<Kept[]> {
    return dueOf(this.events, now)
  }

  async sent(seqs: readonly number[]): Promise<void> {
    for (const known of this.events) if (seqs.includes(known.seq)) known.state = 'sent'
  }

  async refused(seq: number, refusal: Refusal): Promise<void> {
    for (const known of this.events) if (known.seq === seq) Object.assign(known, { state: 'refused', refusal })
  }

  get states(): string[] {
    return this.events.map((known) => known.state)
  }
}

function receipt(id: string, more: Partial<Receipt> = {}): Receipt {
  return { id, is_repeated: false, is_ignored: false, visit_id: null, phase: null, ...more }
}

/** A service that takes all but some events, and what it was asked. */
function service(bad: readonly string[] = []): { post: Post; asked: string[][]; taken: string[] } {
  const asked: string[][] = []
  const taken: string[] = []
  const post: Post = async (events) => {
    asked.push(events.map((one) => one.kind))
    if (events.some((one) => bad.includes(one.id))) throw new ApiError(422, { code: 'invalid_input', detail: 'no' })
    taken.push(...events.map((one) => one.id))
    return events.map((one) => receipt(one.id))
  }
  return { post, asked, taken }
}

function morning(): Kept[] {
  return [event('travel_started', 'ada', '8:20'), event('arrived', 'ada', '8:31'), event('done', 'ada', '9:00')]
}

describe('sending what waits', () => {
  it('sends all in one batch, in order', async () => {
    const [box, there] = [new Box(morning()), service()]
    expect(await sendDue(box, there.post, () => 0)).toEqual({ outcome: 'sent', count: 3, ignored: [] })
    expect(there.asked).toEqual([['travel_started', 'arrived', 'done']])
    expect(box.states).toEqual(['sent', 'sent', 'sent'])
  })

  it('sets one bad event aside, and sends all others in order', async () => {
    const events = morning()
    const there = service([events[1]!.id])
    const box = new Box(events)
    expect(await sendDue(box, there.post, () => 0)).toMatchObject({ outcome: 'sent', count: 2 })
    expect(box.states).toEqual(['sent', 'refused', 'sent'])
    expect(there.taken).toEqual([events[0]!.id, events[2]!.id])
    expect(events[1]!.refusal).toEqual({ status: 422, code: 'invalid_input', message: 'no' })
  })

  it.each([
    [0, 'offline'],
    [429, 'offline'],
    [503, 'offline'],
    [401, 'signed_out'],
  ] as const)('keeps everything waiting when the answer is %d', async (status, outcome) => {
    const box = new Box(morning())
    const post: Post = async () => {
      throw new ApiError(status, {})
    }
    expect((await sendDue(box, post, () => 0)).outcome).toBe(outcome)
    expect(box.states).toEqual(['waiting', 'waiting', 'waiting'])
  })

  it('waits for what can still be taken back, and with it for all that came after', async () => {
    const events = morning()
    events[1]!.held_until = 100
    const [box, there] = [new Box(events), service()]
    await sendDue(box, there.post, () => 50)
    expect(box.states).toEqual(['sent', 'waiting', 'waiting'])
    await sendDue(box, there.post, () => 100)
    expect(there.asked).toEqual([['travel_started'], ['arrived', 'done']])
  })

  it('sends a long day in batches', async () => {
    const box = new Box(Array.from({ length: BATCH + 5 }, () => event('position', 'ada', '8:20')))
    const there = service()
    expect((await sendDue(box, there.post, () => 0)).count).toBe(BATCH + 5)
    expect(there.asked.map((batch) => batch.length)).toEqual([BATCH, 5])
  })

  it('says what counted for nothing', async () => {
    const [first] = morning()
    const post: Post = async () => [receipt(first!.id, { is_ignored: true })]
    expect((await sendDue(new Box([first!]), post, () => 0)).ignored).toEqual([first!.id])
  })
})
