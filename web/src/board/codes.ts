/** Texts of the service's codes: why a visit has no place, and why a shift has none for it. */
import { texts } from '../lib/i18n'

const en = {
  no_reason: 'Has had no place since the plan was made.',
  reason_failed: 'It could not be done, and needs a new appointment.',
  reason_no_technician_allowed: 'Nobody who may come works that day.',
  reason_no_technician_with_skill: 'Nobody who works that day has the skills.',
  reason_no_shift_in_window: 'Nobody works in its window.',
  reason_too_far: 'Too far for every shift.',
  reason_over_cap: 'Would exceed what one shift may do.',
  reason_shifts_full: 'All shifts that could take it are full.',
  reason_costs_more_than_leaving_out: 'Serving it would cost more than leaving it out.',
  refusal_not_allowed: 'may not come to this customer',
  refusal_skill: 'lacks a skill',
  refusal_outside_shift: 'does not fit into the shift',
  refusal_full: 'has no room left',
  refusal_unsound: 'has a route that breaks a rule already',
}

const de: Record<keyof typeof en, string> = {
  no_reason: 'Hat seit der Planung keinen Platz mehr.',
  reason_failed: 'Er war nicht möglich und braucht einen neuen Termin.',
  reason_no_technician_allowed: 'Niemand, der kommen darf, arbeitet an dem Tag.',
  reason_no_technician_with_skill: 'Niemand, der an dem Tag arbeitet, hat die Kenntnisse.',
  reason_no_shift_in_window: 'In seinem Zeitfenster arbeitet niemand.',
  reason_too_far: 'Für jede Schicht zu weit.',
  reason_over_cap: 'Überschritte, was eine Schicht leisten darf.',
  reason_shifts_full: 'Alle Schichten, die ihn aufnehmen könnten, sind voll.',
  reason_costs_more_than_leaving_out: 'Ihn zu bedienen kostete mehr, als ihn wegzulassen.',
  refusal_not_allowed: 'darf zu diesem Kunden nicht kommen',
  refusal_skill: 'hat eine Kenntnis nicht',
  refusal_outside_shift: 'kann ihn in der Schicht nicht unterbringen',
  refusal_full: 'hat keinen Platz mehr',
  refusal_unsound: 'hat eine Route, die schon eine Regel bricht',
}

export const c = texts(en, de)

/** The text of a code; the code itself where there is no text for it. */
export function wordOf(prefix: 'reason_' | 'refusal_', code: string): string {
  const name = `${prefix}${code}`
  return name in en ? c(name as keyof typeof en) : code
}
