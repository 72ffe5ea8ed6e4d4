/** Edits by hand in words. */
import type { PlanEdit } from '../edits'
import { w } from '../words'

export interface Names {
  visit(id: string): string
  technician(shiftId: string): string
}

export function editWords(edit: PlanEdit, names: Names): string {
  const asked = edit.request
  const text = (field: string): string => String(asked[field] ?? '')
  const visit = names.visit(text('visit_id'))
  switch (edit.kind) {
    case 'move':
      return w('edit_move', { visit, technician: names.technician(text('shift_id')) })
    case 'swap':
      return w('edit_swap', { visit, other: names.visit(text('other_visit_id')) })
    case 'duration':
      return w('edit_duration', { visit, n: minutesOf(asked) })
    case 'add_break':
      return w('edit_add_break', { n: minutesOf(asked), technician: names.technician(text('shift_id')) })
    case 'undo':
      return w('edit_undo')
    default:
      return w(`edit_${edit.kind}`, { visit })
  }
}

/** The service keeps durations in seconds, whatever was asked in. */
function minutesOf(asked: Readonly<Record<string, unknown>>): number {
  return Math.round(Number(asked.duration_s ?? 0) / 60)
}
