/** What is taken down when a customer asks for a service on the phone. */
import type { Schemas } from '../lib/api/client'

export type Service = Schemas['ServiceSchema']
type Texts = Readonly<Record<string, string>>

const LONGEST_SUMMARY = 500

/**
 * The appointment a visit waits for: its first, or another one after it failed, whether or not somebody was promised the
 * first; null = none.
 */
export function needs({ state }: { state: string }): 'book' | 'book_again' | null {
  if (state === 'failed') return 'book_again'
  return state === 'open' || state === 'held' ? 'book' : null
}

/** A text in a language, else in English, else in another one. */
export function inLanguage(texts: Texts, language: string): string {
  return texts[language] || texts.en || Object.values(texts)[0] || ''
}

/** The visit a service takes, with what the answers add to it: time, and what a technician has to be able to do. */
export function visitOf(service: Service, answers: Readonly<Record<string, string>>): Schemas['VisitFields'] {
  const chosen = (service.questions ?? []).flatMap(({ id, choices = [] }) => choices.filter((choice) => choice.id === answers[id]))
  const skills: Record<string, number> = { ...service.required_skills }
  for (const choice of chosen) {
    for (const [skill, level] of Object.entries(choice.required_skills ?? {})) {
      skills[skill] = Math.max(level, skills[skill] ?? 0)
    }
  }
  return {
    name: inLanguage(service.names, 'en'),
    duration_s: service.duration_s + chosen.reduce((sum, choice) => sum + (choice.extra_s ?? 0), 0),
    required_skills: skills,
    priority: service.priority ?? 3,
  } as Schemas['VisitFields']
}

/** What the order is called, in the customer's language: the service, what was answered, and whatever else was said. */
export function summaryOf(
  service: Service,
  answers: Readonly<Record<string, string>>,
  details: string,
  language: string,
): string {
  const said = (service.questions ?? []).map(({ id, choices = [] }) => {
    const choice = choices.find((found) => found.id === answers[id])
    return choice === undefined ? (answers[id] ?? '') : inLanguage(choice.texts, language)
  })
  const more = [...said, details].map((text) => text.trim().replace(/\s+/g, ' ')).filter((text) => text !== '')
  const name = inLanguage(service.names, language)
  return (more.length === 0 ? name : `${name}: ${more.join('; ')}`).slice(0, LONGEST_SUMMARY)
}
