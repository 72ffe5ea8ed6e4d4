import { texts } from '../i18n'

/** What is said while a booked visit is moved or canceled. */
export const t = texts(
  {
    choose: 'Choose another time',
    take: 'Take this time',
    keep: 'Keep the time as it is',
    taken: 'That time was just taken. The next best one is chosen below.',
    cancel: 'Cancel the visit',
    keep_visit: 'Keep it',
  },
  {
    choose: 'Andere Zeit wählen',
    take: 'Diese Zeit nehmen',
    keep: 'Die Zeit lassen, wie sie ist',
    taken: 'Diese Zeit wurde gerade vergeben. Die nächstbeste ist unten gewählt.',
    cancel: 'Termin absagen',
    keep_visit: 'Behalten',
  },
)
