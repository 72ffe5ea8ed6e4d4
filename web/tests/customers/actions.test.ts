import { expect, test, vi } from 'vitest'

vi.hoisted(() => {
  vi.stubGlobal('location', { origin: 'http://here.test', search: '?language=de' })
  vi.stubGlobal('navigator', { languages: ['de'] })
})

import { inWords } from '../../src/customers/actions'
import type { Entry } from '../../src/customers/customer.svelte'

const entry = (kind: Entry['kind'], text: string): Entry => ({ kind, text, id: text, at: '2026-03-16T12:00:00Z' }) as Entry

test('changes are told in words; those that have a line of their own, or that only programs mind, are not', () => {
  const told = inWords([
    entry('change', 'visit.told'),
    entry('change', 'booking.canceled'),
    entry('change', 'booking.confirmed'),
    entry('change', 'customer.note_added'),
    entry('note', 'visit.told'),
  ])
  expect(told.map(({ text }) => text)).toEqual(['Buchung abgesagt', 'visit.told'])
})
