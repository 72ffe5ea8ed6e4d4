import { expect, test } from 'vitest'
import { saidOf } from '../../src/customers/words'
import { taskSentence } from '../../src/customers/tasks'

test('a task is a sentence of its code and facts, then what somebody wrote', () => {
  const facts = { visit: 'Leak', date: '2026-03-17', technician: 'Kim' }
  expect(taskSentence({ code: 'nobody_comes', facts, summary: '' })).toBe(
    'Leak has lost its place on Tue, Mar 17: Kim does not come.',
  )
  expect(taskSentence({ code: 'not_done', facts: { reason: 'no part' }, summary: '' })).toBe(
    'The work could not be done. Reason: no part',
  )
})

test('without a code, or with one that is not known here, it is what the service says', () => {
  expect(taskSentence({ code: null, facts: {}, summary: 'Call Pat.' })).toBe('Call Pat.')
  expect(taskSentence({ code: 'newer' as never, facts: {}, summary: 'Call Pat.' })).toBe('Call Pat.')
})

test('in a history, what came of it stands below', () => {
  const task = { code: 'late' as const, facts: {}, note: 'Called.' }
  const entry = { kind: 'task', text: 'x\nCalled.', task }
  expect(saidOf(entry as never)).toBe('We came later than promised: call the customer.\nCalled.')
})
