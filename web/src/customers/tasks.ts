/** What a task says, in the reader's language: a sentence of the service's code and facts, then people's own words. */
import type { Schemas } from '../lib/api/client'
import { texts } from '../lib/i18n'
import { dayOf } from '../lib/time/format'

type Code = NonNullable<Schemas['TaskSchema']['code']>
type Facts = Schemas['TaskSchema']['facts']

const EN = {
  late: 'We came later than promised: call the customer.',
  failed: 'The work could not be done: see that the customer gets a new appointment.',
  unserved: 'Nobody could come as promised: see that the customer gets a new appointment.',
  missed: 'Nobody could let us in: see that the customer gets a new appointment.',
  not_done: 'The work could not be done.',
  left_behind: '{technician} was there and is out ({why}): see that the work is finished.',
  no_room: '{visit} lost its place today: nobody has room.',
  lost_place: '{visit} has lost its place today.',
  found_no_place: '{visit} finds no place today.',
  unreachable: '{visit} finds no place today: no road leads there.',
  unreachable_on_route: '{visit} stays on its route, and no road leads there.',
  nobody_comes: '{visit} has lost its place on {date}: {technician} does not come.',
  taken_off: '{visit} is promised for {date} and was taken off by hand: call the customer.',
  unreported: '{visit} was on the plan, and nothing was reported: ask {technician} whether it was done on {date}.',
  unfinished: '{visit} was begun, and nobody has reported its end: ask {technician} whether it was done on {date}.',
  no_free_time: '{customer} found no free time for: {order}',
  not_content: 'A customer was not content ({scores}).',
} satisfies Record<Code, string>

const DE: Record<Code, string> = {
  late: 'Wir kamen später als zugesagt: Rufen Sie den Kunden an.',
  failed: 'Die Arbeit war nicht möglich: Sorgen Sie für einen neuen Termin.',
  unserved: 'Niemand konnte wie zugesagt kommen: Sorgen Sie für einen neuen Termin.',
  missed: 'Niemand konnte uns öffnen: Sorgen Sie für einen neuen Termin.',
  not_done: 'Die Arbeit war nicht möglich.',
  left_behind: '{technician} war dort und ist ausgefallen ({why}): Sorgen Sie dafür, dass die Arbeit fertig wird.',
  no_room: '{visit} hat für heute den Platz im Plan verloren: Niemand hat Zeit.',
  lost_place: '{visit} hat für heute den Platz im Plan verloren.',
  found_no_place: '{visit} findet heute keinen Platz im Plan.',
  unreachable: '{visit} findet heute keinen Platz im Plan: Keine Straße führt dorthin.',
  unreachable_on_route: '{visit} bleibt auf seiner Route, aber keine Straße führt dorthin.',
  nobody_comes: '{visit} hat den Platz am {date} verloren: {technician} kommt nicht.',
  taken_off: '{visit} ist für {date} zugesagt und wurde von Hand aus dem Plan genommen: Rufen Sie den Kunden an.',
  unreported: '{visit} stand auf dem Plan, und nichts wurde gemeldet: Fragen Sie {technician}, ob es am {date} erledigt wurde.',
  unfinished: '{visit} wurde begonnen, und niemand hat das Ende gemeldet: Fragen Sie {technician}, ob es am {date} erledigt wurde.',
  no_free_time: '{customer} hat keine freie Zeit gefunden für: {order}',
  not_content: 'Ein Kunde war nicht zufrieden ({scores}).',
}

const MORE = texts(
  { reason: 'Reason: {words}', repair: 'What would help: {words}', comment: '“{words}”' },
  { reason: 'Grund: {words}', repair: 'Was helfen würde: {words}', comment: '„{words}“' },
)
const say = texts(EN, DE)
/** Reasons that nobody wrote: the service's own. */
const REASONS: Readonly<Record<string, 'no_room' | 'went_out'>> = {
  'nobody had room for it': 'no_room',
  'whoever was there went out': 'went_out',
}
const reasons = texts(
  { no_room: 'nobody had room for it', went_out: 'whoever was there went out' },
  { no_room: 'niemand hatte Platz dafür', went_out: 'wer dort war, ist ausgefallen' },
)
const OWN_WORDS = ['reason', 'repair', 'comment'] as const

/** `summary`: the service's own sentence, of tasks from the time before there were codes. */
export function taskSentence({ code, facts, summary }: { code: Code | null; facts: Facts; summary: string }): string {
  // A service that is newer than this page may have codes that are not known here.
  if (code === null || !(code in EN)) return summary
  const { date, reason = '' } = facts
  const known = REASONS[reason]
  const said: Facts = known === undefined ? facts : { ...facts, reason: reasons(known) }
  const own = OWN_WORDS.flatMap((name) => (said[name] ? [MORE(name, { words: said[name] })] : []))
  return [say(code, date === undefined ? facts : { ...facts, date: dayOf(date, 'short') }), ...own].join(' ')
}
