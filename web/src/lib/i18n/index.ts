/** Texts in the reader's language. Pages keep their own texts: `const t = texts(en, de)`, `t('hello', { name })`. */

export const LANGUAGES = { en: 'English', de: 'Deutsch' } as const
export type Language = keyof typeof LANGUAGES
export type Texts = Readonly<Record<string, string>>
export type T<E extends Texts> = (key: keyof E, values?: Readonly<Record<string, string | number>>) => string

const STORED = 'fieldops.language'

function isLanguage(name: string | null | undefined): name is Language {
  return name != null && name in LANGUAGES
}

function chosen(): Language {
  const asked = new URLSearchParams(location.search).get('language')
  if (isLanguage(asked)) return asked
  try {
    const stored = localStorage.getItem(STORED)
    if (isLanguage(stored)) return stored
  } catch {
    // Storage is switched off in some embedded pages.
  }
  return navigator.languages.map((name) => name.slice(0, 2)).find(isLanguage) ?? 'en'
}

/** The language of this page; changing it loads the page anew. */
export const language: Language = typeof location === 'undefined' ? 'en' : chosen()
if (typeof document !== 'undefined') document.documentElement.lang = language

/** Speak another language from now on; where nothing may be stored, only on the page that is loaded anew. */
export function chooseLanguage(next: Language): void {
  const address = new URL(location.href)
  address.searchParams.delete('language')
  try {
    localStorage.setItem(STORED, next)
  } catch {
    address.searchParams.set('language', next)
  }
  if (address.href === location.href) location.reload()
  else location.replace(address)
}

/** Speak the reader's language, known from elsewhere, unless another one was chosen here: loads the page anew. */
export function follow(known: string): void {
  if (!isLanguage(known) || known === language) return
  const address = new URL(location.href)
  if (address.searchParams.has('language')) return
  try {
    if (localStorage.getItem(STORED) !== null) return
  } catch {
    // Then nothing was chosen.
  }
  address.searchParams.set('language', known)
  location.replace(address)
}

/**
 * Make the function that gives the texts of a page. A text may hold `{name}`; `key_one` is taken for `key` when the
 * value `n` asks for the singular.
 */
export function texts<E extends Texts>(en: E, de: Readonly<Record<keyof E, string>>): T<E> {
  const own: Readonly<Record<string, string>> = language === 'de' ? de : en
  const plural = new Intl.PluralRules(language)
  return (key, values = {}) => {
    const name = String(key)
    const single = `${name}_one`
    const isOne = typeof values.n === 'number' && single in own && plural.select(values.n) === 'one'
    const text = own[isOne ? single : name] ?? name
    return text.replace(/\{(\w+)\}/g, (whole, slot: string) => String(values[slot] ?? whole))
  }
}
