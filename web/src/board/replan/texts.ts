/** Texts of the bar, and of what becomes of replans. */
import { texts } from '../../lib/i18n'

export const r = texts(
  {
    proposals: 'Proposals',
    rebalance: 'Rebalance',
    approved: 'Approved: the plan is version {version}.',
    rejected: 'Rejected.',
    end_nothing_better: 'Nothing better was found: the plan stays as it is.',
    end_canceled: 'Stopped: the plan stays as it is.',
    end_failed: 'The search failed: {note}',
    end_applied: 'Done: the plan is version {version}.',
    came: '{n} proposals wait for your decision.',
    came_one: '{n} proposal waits for your decision.',
    end_proposed: 'A proposal waits for your decision.',
    end_stale: 'The day moved on meanwhile: the proposal does not fit any more.',
    end_rejected: 'Rejected.',
  },
  {
    proposals: 'Vorschläge',
    rebalance: 'Umverteilen',
    approved: 'Angenommen: Der Plan hat Version {version}.',
    rejected: 'Abgelehnt.',
    end_nothing_better: 'Nichts Besseres gefunden: Der Plan bleibt, wie er ist.',
    end_canceled: 'Angehalten: Der Plan bleibt, wie er ist.',
    end_failed: 'Die Suche ist gescheitert: {note}',
    end_applied: 'Fertig: Der Plan hat Version {version}.',
    came: '{n} Vorschläge warten auf Ihre Entscheidung.',
    came_one: '{n} Vorschlag wartet auf Ihre Entscheidung.',
    end_proposed: 'Ein Vorschlag wartet auf Ihre Entscheidung.',
    end_stale: 'Der Tag ging inzwischen weiter: Der Vorschlag passt nicht mehr.',
    end_rejected: 'Abgelehnt.',
  },
)
