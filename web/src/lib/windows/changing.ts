import { texts } from '../i18n'

/** What is said while a booked visit is moved or canceled. */
export const t = texts(
  {
    choose: 'Choose another time',
    choose_first: 'Choose a time',
    take: 'Take this time',
    keep: 'Keep the time as it is',
    not_now: 'Not now',
    taken: 'That time was just taken. The next best one is chosen below.',
    cancel: 'Cancel the visit',
    keep_visit: 'Keep it',
  },
  {
    choose: 'Andere Zeit wählen',
    choose_first: 'Zeit wählen',
    take: 'Diese Zeit nehmen',
    keep: 'Die Zeit lassen, wie sie ist',
    not_now: 'Jetzt nicht',
    taken: 'Diese Zeit wurde gerade vergeben. Die nächstbeste ist unten gewählt.',
    cancel: 'Termin absagen',
    keep_visit: 'Behalten',
  },
)
