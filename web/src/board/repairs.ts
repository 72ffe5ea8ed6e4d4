/** What would get a visit served, in the reader's language. */
import type { Schemas } from '../lib/api/client'
import { language, texts } from '../lib/i18n'
import { duration } from '../lib/time/format'
import { clockOf } from './times'

type Facts = NonNullable<Schemas['WithoutPlaceSchema']['repair_facts']>

const t = texts(
  {
    fits: 'fits at {time} with {technician}',
    fits_if: 'fits at {time} with {technician} if {conditions}',
    overtime: '{length} more overtime is allowed',
    before: 'it may start {length} before its window',
    after: 'it may start {length} after its window',
    permission: '{technician} may serve it',
    skills: 'it may be done without {skills}',
    displaces: '{visits} is left out instead',
    several: '{n} others are left out instead',
    several_one: 'another one is left out instead',
    somebody: 'somebody',
  },
  {
    fits: 'passt um {time} bei {technician}',
    fits_if: 'passt um {time} bei {technician}, wenn {conditions}',
    overtime: '{length} mehr Überstunden erlaubt sind',
    before: 'er {length} vor seinem Zeitfenster beginnen darf',
    after: 'er {length} nach seinem Zeitfenster beginnen darf',
    permission: '{technician} ihn übernehmen darf',
    skills: 'er ohne {skills} gemacht werden darf',
    displaces: 'dafür {visits} entfällt',
    several: 'dafür {n} andere entfallen',
    several_one: 'dafür ein anderer entfällt',
    somebody: 'jemand anderem',
  },
)

/** `technicianOf` a shift, `nameOf` a visit; null = nobody here knows. */
export function repairWords(
  facts: Facts,
  zone: string,
  technicianOf: (shiftId: string) => string | null,
  nameOf: (visitId: string) => string | null,
): string {
  const technician = technicianOf(facts.shift_id) ?? t('somebody')
  const time = clockOf(Date.parse(facts.start_at), zone)
  const [first, ...more] = facts.displaces
  const only = first === undefined || more.length > 0 ? null : nameOf(first)
  const conditions = [
    facts.extra_overtime_s > 0 && t('overtime', { length: duration(facts.extra_overtime_s) }),
    facts.window_shift_s < 0 && t('before', { length: duration(-facts.window_shift_s) }),
    facts.window_shift_s > 0 && t('after', { length: duration(facts.window_shift_s) }),
    facts.needs_permission && t('permission', { technician }),
    facts.missing_skills.length > 0 && t('skills', { skills: listed(facts.missing_skills) }),
    only !== null && t('displaces', { visits: only }),
    only === null && first !== undefined && t('several', { n: facts.displaces.length }),
  ].filter((said) => said !== false)
  return conditions.length === 0 ? t('fits', { time, technician }) : t('fits_if', { time, technician, conditions: listed(conditions) })
}

function listed(parts: readonly string[]): string {
  return new Intl.ListFormat(language).format(parts)
}
