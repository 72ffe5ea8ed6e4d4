/** Texts of the panes beside the timeline. */
import { texts } from '../lib/i18n'
import * as detail from './words/detail'
import * as lists from './words/lists'

const en = { ...lists.en, ...detail.en }

export type Word = keyof typeof en
export const w = texts(en, { ...lists.de, ...detail.de })

/** The text of a code of the service; the code itself where there is no text for it. */
export function wordOf(prefix: 'reason_' | 'refusal_' | 'message_', code: string): string {
  const name = `${prefix}${code}`
  return name in en ? w(name as Word) : code
}

/** `gas 2, water`: levels above the first are said. */
export function skillWords(skills: Readonly<Record<string, number>>): string {
  return Object.entries(skills)
    .map(([name, level]) => (level > 1 ? `${name} ${level}` : name))
    .join(', ')
}
