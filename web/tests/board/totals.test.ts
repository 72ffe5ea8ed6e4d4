import { expect, it } from 'vitest'
import type { Replan } from '../../src/board/replan/replans.svelte'
import { totalsOf } from '../../src/board/replan/totals'

type Move = NonNullable<Replan['diff']>['moves'][number]

function move(visit: string, to: string | null, change: number, cents: number): Move {
  return {
    visit_id: visit,
    from_technician_id: 'tn_kim',
    to_technician_id: to,
    from_shift_id: 'sh_kim',
    to_shift_id: to,
    from_start: null,
    to_start: null,
    tells_customer: to !== 'tn_kim',
    why: '',
    change,
    cost_change_cents: cents,
  }
}

// Two visits to Lee are one change; a third one waits a little longer, which is another.
const MOVES = [move('a', 'tn_lee', 1, -900), move('b', 'tn_lee', 1, -900), move('c', 'tn_kim', 2, 200)]
const REPLAN = {
  customers: 2,
  cost_change_cents: -700,
  diff: { moves: MOVES, churn: 2, cost_before: { travel: 5_000, late: 900 }, cost_after: { travel: 4_600 } },
} as unknown as Replan

it('says of all what the service says', () => {
  expect(totalsOf(REPLAN, MOVES)).toEqual({ customers: 2, churn: 2, costCents: -700, travelCents: -400 })
})

it('follows what is chosen, as long as changes are chosen as a whole', () => {
  expect(totalsOf(REPLAN, MOVES.slice(0, 2))).toMatchObject({ customers: 2, churn: 2, costCents: -900 })
  expect(totalsOf(REPLAN, MOVES.slice(2))).toMatchObject({ customers: 0, churn: 0, costCents: 200 })
  expect(totalsOf(REPLAN, [])).toMatchObject({ customers: 0, churn: 0, costCents: 0 })
})

it('does not make up what a part of a change costs', () => {
  expect(totalsOf(REPLAN, MOVES.slice(1))).toMatchObject({ customers: 1, churn: 1, costCents: null })
})
