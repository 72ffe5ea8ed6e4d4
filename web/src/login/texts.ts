import { texts } from '../lib/i18n'

export const t = texts(
  {
    title: 'Sign in',
    email: 'E-mail address',
    password: 'Password',
    submit: 'Sign in',
    wrong: 'E-mail address or password is wrong.',
    customers: 'Customers need no account: the link in your message opens your visit.',
  },
  {
    title: 'Anmelden',
    email: 'E-Mail-Adresse',
    password: 'Passwort',
    submit: 'Anmelden',
    wrong: 'E-Mail-Adresse oder Passwort ist falsch.',
    customers: 'Kunden brauchen kein Konto: Der Link in Ihrer Nachricht öffnet Ihren Termin.',
  },
)
