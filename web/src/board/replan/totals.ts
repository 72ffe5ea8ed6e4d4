/** What a proposal would change in all, as far as it is chosen. */
import type { Replan } from './replans.svelte'

type Move = NonNullable<Replan['diff']>['moves'][number]

export interface Totals {
  customers: number
  churn: number
  /** null = a change is chosen in part, and nobody has computed that. */
  costCents: number | null
  /** What travel costs more or less with all of it: that of a part is not known. */
  travelCents: number
}

export function totalsOf(replan: Replan, chosen: readonly Move[]): Totals {
  const moves = replan.diff?.moves ?? []
  const travel = (costs: Readonly<Record<string, number>> | undefined): number => costs?.travel ?? 0
  const travelCents = travel(replan.diff?.cost_after) - travel(replan.diff?.cost_before)
  if (chosen.length === moves.length) {
    const [churn, costCents] = [replan.diff?.churn ?? 0, replan.cost_change_cents ?? 0]
    return { customers: replan.customers, churn, costCents, travelCents }
  }
  return {
    customers: chosen.filter((move) => move.tells_customer).length,
    churn: chosen.filter((move) => move.from_technician_id !== null && move.from_technician_id !== move.to_technician_id).length,
    costCents: costOf(moves, new Set(chosen)),
    travelCents,
  }
}

/** Changes of which each is chosen as a whole or not at all add up. */
function costOf(moves: readonly Move[], chosen: ReadonlySet<Move>): number | null {
  const changes = new Map<number, number>()
  for (const move of moves) {
    const mates = moves.filter((other) => other.change === move.change)
    if (mates.every((mate) => chosen.has(mate))) changes.set(move.change, move.cost_change_cents)
    else if (mates.some((mate) => chosen.has(mate))) return null
  }
  return [...changes.values()].reduce((sum, cents) => sum + cents, 0)
}
