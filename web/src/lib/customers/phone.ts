/** What a company's line says: "Acme Service, +1 202 555 0100". */
/** The telephone number in a company's line, ready to be called; null = there is none. */
export function phoneIn(contact: string): string | null {
  const found = /\+?\d[\d\s().-]{6,}\d/.exec(contact)
  return found === null ? null : found[0].replace(/[^\d+]/g, '')
}

/** The company's name in its line: what stands before the first comma, unless that is its number. */
export function companyIn(contact: string): string {
  const name = contact.split(',')[0]?.trim() ?? ''
  return phoneIn(name) === null ? name : ''
}
