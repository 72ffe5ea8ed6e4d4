import { expect, test } from 'vitest'
import type { Entry } from '../../src/customers/customer.svelte'
import { kindOf, saidOf, stateOf } from '../../src/customers/words'

function entry(kind: Entry['kind'], text: string): Entry {
  const nothing = { by: null, channel: null, state: null, about: null, window_start: null, window_end: null, task: null }
  return { ...nothing, at: '2026-03-16T12:00:00Z', kind, id: 'x', text }
}

test('says who came and what is to be done in the words of people', () => {
  const came = entry('visit', 'Kim Lee')
  const left = entry('task', 'done')

  expect([kindOf(came), saidOf(came), stateOf('in_progress')]).toEqual(['Who came', 'Kim Lee', 'at work'])
  // What somebody wrote is not translated, even when it is one of our words.
  expect([kindOf(left), saidOf(left), stateOf('open')]).toEqual(['To do', 'done', 'open'])
})
