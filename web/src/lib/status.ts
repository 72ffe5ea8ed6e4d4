/**
 * How a visit stands, on two channels that are never mixed: its life (fill, left edge, glyph) and its promise (right
 * edge, glyph, words). The same words everywhere: value of the API, key of the text, entry of the legend.
 */
import type { Schemas } from './api/client'
import type { IconName } from './ui/icons'

export type Phase = Schemas['VisitPhase']
/** What becomes of a promise: nothing is wrong, it is in jeopardy, or it is broken already (or nearly surely). */
export type Keeping = 'ok' | 'at_risk' | 'late'

/** Icon of a phase; planned visits have none. */
export const PHASE_ICON: Readonly<Record<Phase, IconName | null>> = {
  planned: null,
  traveling: 'arrow',
  arrived: 'diamond',
  in_progress: 'diamond',
  done: 'check',
  failed: 'cross',
  canceled: 'cross',
}

/** The colors of a phase: `var(--{tone}-bg)`, `-text`, `-edge` of tokens.css. */
export const PHASE_TONE = {
  planned: 'planned',
  traveling: 'traveling',
  arrived: 'onsite',
  in_progress: 'onsite',
  done: 'done',
  failed: 'failed',
  canceled: 'failed',
} as const satisfies Readonly<Record<Phase, string>>

export const KEEPING_ICON: Readonly<Record<Keeping, IconName | null>> = { ok: null, at_risk: 'triangle', late: 'dot' }

/** Whether nothing more happens to a visit. */
export function isOver(phase: Phase): boolean {
  return phase === 'done' || phase === 'failed' || phase === 'canceled'
}
