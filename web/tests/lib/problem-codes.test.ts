import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { sentenceOf } from '../../src/lib/ui/problemCodes'

/** Of methods and addresses that no page of ours asks for. */
const NEVER_SEEN = ['E0000', 'E4005']

test('every code of the service has a sentence in German; in English the service speaks for itself', () => {
  const index = readFileSync(new URL('../../../docs/errors.md', import.meta.url), 'utf8')
  const codes = [...index.matchAll(/^\| `(E\d{4})`/gm)].map(([, code = '']) => code)
  expect(codes.length).toBeGreaterThan(20)
  const missing = codes.filter((code) => !NEVER_SEEN.includes(code) && sentenceOf(code, 'de') === null)
  expect(missing).toEqual([])
  expect(sentenceOf('E2001', 'en')).toBeNull()
})
