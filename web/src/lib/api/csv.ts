/** Tables for spreadsheets, as the API writes them. */

/** What spreadsheets take for a formula. */
const FORMULA = /^[=+\-@\t\r]/

/** Rows by the names of their fields, those of the first one; what is not known is an empty cell. */
export function csvOf(rows: readonly object[]): string {
  const columns = Object.keys(rows[0] ?? {})
  const lines = rows.map((row) => columns.map((name) => cell((row as Record<string, unknown>)[name])))
  return [columns, ...lines].map((line) => `${line.join(',')}\r\n`).join('')
}

function cell(value: unknown): string {
  if (value === null || value === undefined) return ''
  const text = typeof value === 'string' && FORMULA.test(value) ? `'${value}` : String(value)
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text
}
