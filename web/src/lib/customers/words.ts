/** What went wrong, for customers: in their own language and words, never in those of the API. */
import { ApiError, type Fault } from '../api/client'
import { common } from '../i18n/common'
import type { ProblemWords } from '../ui/problemWords'
import { t } from './texts'

type Key = Parameters<typeof t>[0]

const BY_CODE: Readonly<Record<string, Key>> = {
  E1001: 'invalid',
  E1002: 'address',
  E1003: 'address',
  E2001: 'gone',
  E3001: 'taken',
  E3002: 'taken',
  E3003: 'taken',
  E3005: 'too_late',
  E4001: 'link',
  E4002: 'link',
  E4003: 'too_many',
  E4004: 'too_long',
  E5001: 'no_map',
  E5002: 'no_map',
  E5003: 'no_map',
}

/** By the last name of a fault's path; answers to questions have the question's. */
const BY_FIELD: Readonly<Record<string, Key>> = {
  name: 'field_name',
  email: 'field_email',
  phone: 'field_phone',
  contact: 'field_contact',
  address: 'field_address',
  service_id: 'field_service',
  answers: 'field_answers',
  preferred_channel: 'field_preferred_channel',
  ...{ details: 'field_text', access_notes: 'field_text', note: 'field_text', text: 'field_text' },
  ...{ comment: 'field_text', reason: 'field_text' },
  ...{ nps: 'field_score', csat: 'field_score', ces: 'field_score' },
}

/** The field a fault is in, as it is called on the page: `site.address` is the `address`, `answers.fuel` an answer. */
export function fieldOf(fault: Fault): string {
  return fault.path.startsWith('answers') ? 'answers' : (fault.path.split('.').at(-1) ?? fault.path)
}

function sayFault(fault: Fault): string {
  const field = fieldOf(fault)
  // Neither of the two was given: the API names the first.
  if (field === 'email' && fault.found === 'nothing') return t('field_contact')
  return t(BY_FIELD[field] ?? 'field_other')
}

function say(error: ApiError): string {
  if (error.code === 'offline') return common('offline')
  const isBusy = error.status === 408 || error.status === 503
  return t(BY_CODE[error.code] ?? (isBusy ? 'busy' : 'other'))
}

/** What is wrong with a field of a form; empty = nothing. */
export function faultAt(error: unknown, field: string): string {
  if (!(error instanceof ApiError)) return ''
  const found = error.faults.find((fault) => fieldOf(fault) === field)
  return found === undefined ? '' : sayFault(found)
}

export const CUSTOMER_WORDS: ProblemWords = { say, sayFault, takesFocus: true }
