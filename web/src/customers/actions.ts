/** Changes in words: the API names what was done by the word of its books. */
import { texts } from '../lib/i18n'
import type { Entry } from './customer.svelte'

const EN = {
  'customer.created': 'Taken down as a customer',
  'customer.changed': 'Name or wishes changed',
  'customer.contact_added': 'Number or address added',
  'customer.contact_removed': 'Number or address removed',
  'customer.consent_given': 'Agreed to messages',
  'customer.consent_withdrawn': 'No longer agrees to messages',
  'customer.consent_stopped': 'STOP: no more messages',
  'customer.merged': 'Made one with another customer',
  'work_order.requested': 'Asked for on the booking page',
  'work_order.contact_given': 'Said who books',
  'work_order.closed': 'Everything of the order is done',
  'work_order.canceled': 'Order canceled',
  'visit.changed': 'Visit changed',
  'visit.prioritized': 'Visit made urgent',
  'visit.lost_place': 'Visit lost its place on the plan',
  'visit.done': 'Visit done',
  'visit.failed': 'Visit could not be done',
  'visit.canceled': 'Visit canceled',
  'booking.changed': 'Window changed',
  'booking.canceled': 'Booking canceled',
  'waitlist.joined': 'Wants to hear of earlier windows',
  'waitlist.left': 'No longer waits for an earlier window',
  'waitlist.offered': 'Earlier window offered',
} as const

const DE: Record<keyof typeof EN, string> = {
  'customer.created': 'Als Kunde aufgenommen',
  'customer.changed': 'Name oder Wünsche geändert',
  'customer.contact_added': 'Nummer oder Adresse hinzugefügt',
  'customer.contact_removed': 'Nummer oder Adresse entfernt',
  'customer.consent_given': 'Mit Nachrichten einverstanden',
  'customer.consent_withdrawn': 'Nicht mehr mit Nachrichten einverstanden',
  'customer.consent_stopped': 'STOP: keine Nachrichten mehr',
  'customer.merged': 'Mit einem anderen Kunden zusammengeführt',
  'work_order.requested': 'Auf der Buchungsseite angefragt',
  'work_order.contact_given': 'Hat gesagt, wer bucht',
  'work_order.closed': 'Alles am Auftrag ist erledigt',
  'work_order.canceled': 'Auftrag storniert',
  'visit.changed': 'Besuch geändert',
  'visit.prioritized': 'Besuch als dringend eingestuft',
  'visit.lost_place': 'Besuch hat seinen Platz im Plan verloren',
  'visit.done': 'Besuch erledigt',
  'visit.failed': 'Besuch ließ sich nicht erledigen',
  'visit.canceled': 'Besuch abgesagt',
  'booking.changed': 'Zeitfenster geändert',
  'booking.canceled': 'Buchung abgesagt',
  'waitlist.joined': 'Möchte von früheren Fenstern hören',
  'waitlist.left': 'Wartet nicht mehr auf ein früheres Fenster',
  'waitlist.offered': 'Früheres Fenster angeboten',
}

const t = texts(EN, DE)

function isTold(action: string): action is keyof typeof EN {
  return action in EN
}

/** A history as people read it. Left out: changes that have a line of their own anyway, or that only programs mind. */
export function inWords(history: readonly Entry[]): Entry[] {
  return history.flatMap((entry) => {
    if (entry.kind !== 'change') return [entry]
    return isTold(entry.text) ? [{ ...entry, text: t(entry.text) }] : []
  })
}
