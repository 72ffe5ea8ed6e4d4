/** Texts of the keys and the legend. */
import { texts } from '../../lib/i18n'

const en = {
  legend: 'Legend',
  key_arrows: 'between visits and rows',
  key_ends: 'first and last visit of the row; with Ctrl first and last row',
  key_enter: 'details of the visit',
  key_technician: 'details of the technician',
  key_move: 'move the visit: up and down to another technician, left and right in the order, Enter drops it',
  key_lock: 'lock or unlock the visit',
  key_unassign: 'take the visit off the plan',
  key_pin: 'keep the row on top',
  key_undo: 'take back your last change',
  key_search: 'search',
  key_now: 'go to the present',
  key_help: 'this list',
  key_escape: 'cancel, or select nothing',
  legend_window: 'Promised window',
  legend_range: 'Range of the arrival',
  legend_travel: 'Travel',
  legend_waiting: 'Waiting',
  legend_break: 'Break',
  legend_off: 'Not at work',
  legend_overtime: 'Overtime',
}

const de: Record<keyof typeof en, string> = {
  legend: 'Legende',
  key_arrows: 'zwischen Besuchen und Zeilen',
  key_ends: 'erster und letzter Besuch der Zeile; mit Strg erste und letzte Zeile',
  key_enter: 'Einzelheiten des Besuchs',
  key_technician: 'Einzelheiten des Technikers',
  key_move: 'Besuch verschieben: auf und ab zu anderen Technikern, links und rechts in der Reihenfolge, Eingabe legt ihn ab',
  key_lock: 'Besuch sperren oder entsperren',
  key_unassign: 'Besuch vom Plan nehmen',
  key_pin: 'Zeile oben halten',
  key_undo: 'Ihre letzte Änderung zurücknehmen',
  key_search: 'suchen',
  key_now: 'zur Gegenwart',
  key_help: 'diese Liste',
  key_escape: 'abbrechen, oder nichts auswählen',
  legend_window: 'Zugesagtes Zeitfenster',
  legend_range: 'Spanne der Ankunft',
  legend_travel: 'Fahrt',
  legend_waiting: 'Wartezeit',
  legend_break: 'Pause',
  legend_off: 'Nicht im Dienst',
  legend_overtime: 'Überstunden',
}

export const h = texts(en, de)
