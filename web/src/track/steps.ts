import type { Schemas } from '../lib/api/client'

type State = Schemas['TrackState']

/** The steps a customer sees, and how far each state has come: the index of the present one; null = no steps. */
export const STEPS = ['booked', 'on_the_way', 'arrived', 'done'] as const

export function stepOf(state: State): number | null {
  switch (state) {
    case 'booked':
    case 'today':
    case 'delayed':
    case 'uncertain':
      return 0
    case 'on_the_way':
      return 1
    case 'arrived':
    case 'in_progress':
      return 2
    case 'done':
      return 3
    default:
      return null
  }
}
