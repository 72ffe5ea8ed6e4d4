/** What the codes of the API's problems mean, for readers of another language than the API's own. */
import { language } from '../i18n'

const DE: Readonly<Record<string, string>> = {
  E1001: 'Etwas an den Angaben stimmt nicht. Nichts wurde geändert.',
  E1002: 'Zwischen einigen Orten führt kein Weg auf der Straße.',
  E1003: 'Diese Adresse ist nicht bekannt.',
  E2001: 'Das gibt es nicht, oder nicht für Sie.',
  E3000: 'Das geht im Augenblick nicht.',
  E3001: 'Dieses Zeitfenster hat inzwischen jemand anders.',
  E3002: 'Das Angebot ist zu alt.',
  E3003: 'Die Reservierung ist abgelaufen, und das Zeitfenster ist vergeben.',
  E3004: 'Der Plan hat sich inzwischen geändert.',
  E3005: 'In diesem Zustand ist das nicht möglich.',
  E3006: 'Diese Anfrage wurde schon mit anderem Inhalt gestellt.',
  E3007: 'Etwas mit diesem Namen gibt es schon.',
  E3008: 'Das wurde inzwischen geändert.',
  E3009: 'Der Plan würde Regeln brechen. Nichts wurde geändert.',
  E3010: 'Diese Meldung kam schon mit anderem Inhalt an.',
  E4000: 'Das ist nicht erlaubt.',
  E4001: 'Sie sind nicht angemeldet.',
  E4002: 'Dazu haben Sie kein Recht.',
  E4003: 'Das waren zu viele Anfragen. Bitte warten Sie kurz.',
  E4004: 'Das ist zu groß.',
  E4006: 'Die Verbindung war zu langsam. Bitte versuchen Sie es noch einmal.',
  E5000: 'Ein anderer Dienst antwortet nicht. Bitte versuchen Sie es noch einmal.',
  E5001: 'Der Dienst für Fahrzeiten antwortet nicht.',
  E5002: 'Der Dienst für Fahrzeiten nennt keine Fahrzeiten.',
  E5003: 'Der Dienst für Adressen antwortet nicht.',
  E5004: 'Die Datenbank ist überlastet. Nichts wurde geändert; bitte versuchen Sie es noch einmal.',
  E5005: 'Gerade melden sich zu viele an. Bitte versuchen Sie es gleich noch einmal.',
  E9001: 'Das ist ein Fehler dieses Programms. Nichts wurde geändert.',
}

/** The sentence of a code; null = the API's own words are in the reader's language, or nothing is known of the code. */
export function sentenceOf(code: string, reader: string = language): string | null {
  return reader === 'de' ? (DE[code] ?? null) : null
}
