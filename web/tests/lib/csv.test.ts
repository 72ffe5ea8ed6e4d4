import { expect, test } from 'vitest'
import { csvOf } from '../../src/lib/api/csv'

test('rows stand under the names of their fields, and nothing a customer wrote is a formula', () => {
  const rows = [
    { id: 'vi_1', nps: 9, comment: 'Quick, and "clean"' },
    { id: 'vi_2', nps: null, comment: '=HYPERLINK("x")' },
    { id: 'vi_3', nps: -1, comment: 'two\nlines' },
  ]
  expect(csvOf(rows)).toBe(
    'id,nps,comment\r\n' +
      'vi_1,9,"Quick, and ""clean"""\r\n' +
      'vi_2,,"\'=HYPERLINK(""x"")"\r\n' +
      'vi_3,-1,"two\nlines"\r\n',
  )
})
