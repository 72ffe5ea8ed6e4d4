/** What breaks, as the service says it, but for its ids: people know visits by their customers. */
import type { Violation } from './edits'
import type { Board } from './store.svelte'

/** The service tells visits of the same name apart by their ids: `Boiler service (vi_1)`. */
export function readable(violation: Violation, board: Pick<Board, 'visit' | 'unassigned'>): string {
  return violation.message.replace(/\((vi_[0-9a-z]+)\)/g, (whole, id: string) => {
    const visit = board.visit(id) ?? board.unassigned.find((found) => found.id === id)
    return visit === undefined ? whole : `(${visit.customerName})`
  })
}
