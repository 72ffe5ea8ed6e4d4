/** What a line of a customer's history says: words where the API gives a word of its own, else its text. */
import { texts } from '../lib/i18n'
import type { Entry } from './customer.svelte'
import { taskSentence } from './tasks'

const EN = {
  confirmation: 'Confirmation',
  reminder: 'Reminder',
  change: 'Another window',
  cancellation: 'Cancellation',
  earlier_slot: 'Earlier window offered',
  on_the_way: 'On the way',
  arriving_soon: 'Arriving soon',
  delayed: 'Delayed',
  sooner: 'Sooner than told',
  uncertain: 'Time uncertain',
  expected: 'Time known again',
  done: 'Done',
  survey: 'Survey',
  apology: 'Apology',
  window: 'Window',
  eta: 'Time of arrival',
  due: 'waits to be sent',
  sent: 'sent',
  delivered: 'delivered',
  failed: 'failed',
  kept: 'kept',
  broken: 'broken',
  changed: 'changed',
  canceled: 'canceled',
  confirmed: 'confirmed',
  open: 'open',
  closed: 'closed',
  arrived: 'on site',
  in_progress: 'at work',
  kind_note: 'Note',
  kind_message: 'Message',
  kind_promise: 'Promise',
  kind_booking: 'Booking',
  kind_work_order: 'Work order',
  kind_change: 'Change',
  kind_survey: 'Survey',
  kind_task: 'To do',
  kind_visit: 'Who came',
}

const DE: Record<keyof typeof EN, string> = {
  confirmation: 'Bestätigung',
  reminder: 'Erinnerung',
  change: 'Anderes Zeitfenster',
  cancellation: 'Absage',
  earlier_slot: 'Früheres Fenster angeboten',
  on_the_way: 'Unterwegs',
  arriving_soon: 'Gleich da',
  delayed: 'Verspätet',
  sooner: 'Früher als gesagt',
  uncertain: 'Zeit ungewiss',
  expected: 'Zeit wieder bekannt',
  done: 'Erledigt',
  survey: 'Umfrage',
  apology: 'Entschuldigung',
  window: 'Zeitfenster',
  eta: 'Ankunftszeit',
  due: 'wartet auf den Versand',
  sent: 'gesendet',
  delivered: 'zugestellt',
  failed: 'gescheitert',
  kept: 'gehalten',
  broken: 'gebrochen',
  changed: 'geändert',
  canceled: 'abgesagt',
  confirmed: 'bestätigt',
  open: 'offen',
  closed: 'geschlossen',
  arrived: 'vor Ort',
  in_progress: 'bei der Arbeit',
  kind_note: 'Notiz',
  kind_message: 'Nachricht',
  kind_promise: 'Zusage',
  kind_booking: 'Buchung',
  kind_work_order: 'Auftrag',
  kind_change: 'Änderung',
  kind_survey: 'Umfrage',
  kind_task: 'Zu tun',
  kind_visit: 'Wer da war',
}

const t = texts(EN, DE)

function isKnown(word: string): word is keyof typeof EN {
  return word in EN
}

/** Messages and promises are named by a word, tasks by a code; everything else is somebody's text. */
export function saidOf(entry: Entry): string {
  if (entry.task) {
    const summary = entry.text.split('\n', 1)[0] ?? ''
    return [taskSentence({ ...entry.task, summary }), entry.task.note].filter((text) => text !== '').join('\n')
  }
  const isNamed = entry.kind === 'message' || entry.kind === 'promise'
  return isNamed && isKnown(entry.text) ? t(entry.text) : entry.text
}

export function kindOf(entry: Entry): string {
  return t(`kind_${entry.kind}`)
}

export function stateOf(state: string): string {
  return isKnown(state) ? t(state) : state
}
