import { beforeEach, expect, it, vi } from 'vitest'

vi.hoisted(() => {
  vi.stubGlobal('location', { origin: 'http://board.test', search: '' })
  vi.stubGlobal('navigator', { languages: ['en'] })
})

import { ApiError } from '../../src/lib/api/client'
import { move, type PlanEdit, type WhatIf } from '../../src/board/edits'
import type { Snapshot } from '../../src/board/facts'
import { Acting } from '../../src/board/acting.svelte'
import { toasts } from '../../src/lib/ui/toasts.svelte'
import { Board, NeedsForce } from '../../src/board/store.svelte'
import type { Wire } from '../../src/board/wire'
import { at, DATE, eta, ms, plan, progress, route, snapshot, stop } from './day'

const KIM = route('Kim', [stop('a', '10:00', '10:30')])
const LEE = route('Lee', [])
const AFTER = [route('Kim', []), route('Lee', [stop('a', '11:00', '11:30')])]
const TRIED = {
  version: 5,
  needs_force: false,
  violations: [],
  at_risk: [],
  cost_change_cents: 0,
  cost_cents: {},
  overtime_change_s: 0,
  travel_change_s: 0,
  routes: [
    { technician_id: 'tn_Kim', shift_id: 'sh_Kim', before: [timed('10:00', '10:30')], after: [] },
    { technician_id: 'tn_Lee', shift_id: 'sh_Lee', before: [], after: [timed('11:00', '11:30')] },
  ],
} satisfies WhatIf

function timed(start: string, finish: string) {
  return { visit_id: 'a', arrival_at: at(start), start_at: at(start), finish_at: at(finish), lateness_s: 0 }
}

let stored: Snapshot
let edit: ReturnType<typeof vi.fn<Wire['edit']>>
let board: Board
/** What answers that read everything wait for, and how many were asked for. */
let reading: Promise<void>
let numSnapshots: number

beforeEach(() => {
  reading = Promise.resolve()
  numSnapshots = 0
  stored = snapshot([KIM, LEE])
  edit = vi.fn(async () => {
    stored = snapshot(AFTER, { plan: plan(AFTER, { version: 6 }) })
    return { id: 'pe_1' } as PlanEdit
  })
  board = new Board('te_1', DATE, {
    snapshot: async () => {
      numSnapshots += 1
      const read = stored
      await reading
      return read
    },
    plan: async () => stored.plan,
    places: vi.fn(async (visitId: string) => ({ visit_id: visitId, version: 3, places: [], without: [] })),
    whatIf: async () => TRIED,
    edit,
    undo: async () => ({ id: 'pe_2' }) as PlanEdit,
    edits: async () => [],
  }, stored)
})

function holdReading(): { resolve: () => void; reject: (error: unknown) => void } {
  let held: ReturnType<typeof holdReading>
  reading = new Promise((resolve, reject) => (held = { resolve, reject }))
  return held!
}

function homeOf(id: string): string | null {
  return board.visit(id)?.shiftId ?? null
}

it('makes only the rows anew that an event touches', () => {
  const [kim, lee] = board.allRows
  board.take({ kind: 'eta', data: { etas: [eta('a', 'sh_Kim', '10:20', '10:50')], removed: [] } })
  expect(board.allRows[0]).toBe(kim)
  board.flush()
  expect(board.allRows[0]).not.toBe(kim)
  expect(board.allRows[1]).toBe(lee)
})

it('shows an edit before it is done, and keeps it when it is', async () => {
  const seen: (string | null)[] = []
  const made = edit.getMockImplementation()!
  edit.mockImplementation(async (...args) => {
    seen.push(homeOf('a'))
    return await made(...args)
  })
  await board.apply(move('a', 'sh_Lee', 0))
  expect(seen).toEqual(['sh_Lee'])
  expect([homeOf('a'), board.version, board.lastEditId]).toEqual(['sh_Lee', 6, 'pe_1'])
  // The version that the edit was tried on is the one it is made on.
  expect(edit.mock.calls[0]![1]).toBe(5)
})

it('puts a visit back when somebody else was faster', async () => {
  edit.mockRejectedValue(new ApiError(412, { code: 'plan_version_stale' }))
  await expect(board.apply(move('a', 'sh_Lee', 0))).rejects.toThrow(ApiError)
  expect([homeOf('a'), board.pendingId]).toEqual(['sh_Kim', null])
})

it('asks before it breaks anything', async () => {
  const violation = { code: 'skill', message: 'Lee lacks gas', amount: 1, technician_id: 'tn_Lee', shift_id: 'sh_Lee', visit_id: 'a', is_new: true }
  const tried = { ...TRIED, needs_force: true, violations: [violation] }
  await expect(board.apply(move('a', 'sh_Lee', 0), { tried })).rejects.toThrow(NeedsForce)
  expect(edit).not.toHaveBeenCalled()
  await board.apply(move('a', 'sh_Lee', 0), { tried, force: true, reason: 'agreed on the phone' })
  expect(edit.mock.calls[0]!.slice(2)).toEqual([true, 'agreed on the phone'])
})

it('keeps what is reported while an edit is on its way', async () => {
  edit.mockImplementation(async () => {
    board.take({ kind: 'progress', data: { visits: [progress('a', 'traveling')] } })
    board.flush()
    expect(board.visit('a')).toMatchObject({ shiftId: 'sh_Lee', phase: 'traveling' })
    throw new ApiError(0, {})
  })
  await expect(board.apply(move('a', 'sh_Lee', 0))).rejects.toThrow()
  expect(board.visit('a')).toMatchObject({ shiftId: 'sh_Kim', phase: 'traveling' })
})

it('takes in what happens while everything is read anew, on top of what was read', async () => {
  const asked = board.apply(move('a', 'sh_Lee', 0))
  const read = holdReading()
  await vi.waitFor(() => expect(numSnapshots).toBe(1))
  // The snapshot knows the first of them; the second is newer.
  board.take({ id: 7, kind: 'eta', data: { etas: [eta('a', 'sh_Lee', '11:10', '11:40')], removed: [] } })
  board.take({ id: 8, kind: 'progress', data: { visits: [progress('a', 'traveling')] } })
  board.flush()
  read.resolve()
  await asked
  const visit = board.visit('a')!
  expect([visit.shiftId, visit.phase, visit.service.from]).toEqual(['sh_Lee', 'traveling', ms('11:00')])
})

it('takes in what happened when everything could not be read', async () => {
  edit.mockRejectedValue(new ApiError(409, {}))
  const asked = board.apply(move('a', 'sh_Lee', 0))
  const read = holdReading()
  await vi.waitFor(() => expect(numSnapshots).toBe(1))
  board.take({ id: 8, kind: 'progress', data: { visits: [progress('a', 'traveling')] } })
  board.flush()
  read.reject(new ApiError(0, {}))
  await expect(asked).rejects.toThrow()
  expect(board.visit('a')).toMatchObject({ shiftId: 'sh_Kim', phase: 'traveling' })
  expect(board.row('sh_Lee')!.visits).toEqual([])
})

it('has made an edit that it cannot read back at once', async () => {
  const asked = board.apply(move('a', 'sh_Lee', 0))
  const read = holdReading()
  await vi.waitFor(() => expect(numSnapshots).toBe(1))
  read.reject(new ApiError(0, {}))
  expect((await asked).id).toBe('pe_1')
  await vi.waitFor(() => expect([homeOf('a'), board.version]).toEqual(['sh_Lee', 6]))
})

it('asks for places once a version of the plan', async () => {
  expect(board.places('a')).toBe(board.places('a'))
  const first = board.places('a')
  stored = snapshot(AFTER, { plan: plan(AFTER, { version: 4 }) })
  board.take({ kind: 'plan', data: { version: 4 } })
  board.flush()
  await vi.waitFor(() => expect(board.version).toBe(4))
  expect(board.places('a')).not.toBe(first)
})

it('finds out about bookings, of which the stream says nothing', async () => {
  stored = snapshot(AFTER, { plan: plan(AFTER, { version: 8 }) })
  board.look()
  await vi.waitFor(() => expect([board.version, homeOf('a')]).toEqual([8, 'sh_Lee']))
})

it('knows which proposals wait, and tells who listens', () => {
  const heard: string[] = []
  board.onReplanEvent((event) => heard.push(`${event.replan_id} ${event.state}`))
  board.take({ kind: 'proposal', data: { replan_id: 'rp_1', state: 'proposed' } })
  board.flush()
  expect(board.proposalIds).toEqual(['rp_1'])
  board.take({ kind: 'proposal', data: { replan_id: 'rp_1', state: 'applied' } })
  board.flush()
  expect([board.proposalIds, heard]).toEqual([[], ['rp_1 proposed', 'rp_1 applied']])
})

it('says what it did and offers to take it back, or asks for a reason', async () => {
  const acting = new Acting(board)
  expect(await acting.act(move('a', 'sh_Lee', 0))).toBe(true)
  expect(toasts.at(-1)!.action!.label).toBe('Undo')
  const tried = { ...TRIED, needs_force: true }
  const letGo = acting.act(move('a', 'sh_Kim', 0), { tried })
  await vi.waitFor(() => expect(acting.forcing?.tried).toBe(tried))
  acting.letGo()
  expect([await letGo, acting.forcing]).toEqual([false, null])
})

it('tells who asked for an edit when somebody has insisted on it', async () => {
  const acting = new Acting(board)
  const asked = acting.act(move('a', 'sh_Lee', 0), { tried: { ...TRIED, needs_force: true } })
  await vi.waitFor(() => expect(acting.forcing).not.toBeNull())
  await acting.force('Agreed on the phone')
  expect([await asked, acting.forcing]).toEqual([true, null])
})
