/** The telephone number in a company's line, ready to be called; null = there is none. */
export function phoneIn(contact: string): string | null {
  const found = /\+?\d[\d\s().-]{6,}\d/.exec(contact)
  return found === null ? null : found[0].replace(/[^\d+]/g, '')
}
