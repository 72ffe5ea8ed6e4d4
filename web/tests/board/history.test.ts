import { expect, it } from 'vitest'
import { editWords } from '../../src/board/detail/history'
import type { PlanEdit } from '../../src/board/edits'
import { skillWords } from '../../src/board/say'
import { wordOf } from '../../src/board/codes'
import { at } from './day'

const NAMES = { visit: (id: string) => ({ a: 'Boiler', b: 'Meter' })[id] ?? id, technician: () => 'Kim' }

function edit(kind: PlanEdit['kind'], request: PlanEdit['request']): PlanEdit {
  return {
    id: 'pe_1',
    kind,
    request,
    reason: '',
    is_forced: false,
    violations: [],
    from_version: 1,
    to_version: 2,
    actor: 'user:us_1',
    made_at: at('09:00'),
    undone_by: null,
  }
}

it('says what was done, by name', () => {
  const said = (kind: PlanEdit['kind'], request: PlanEdit['request']): string => editWords(edit(kind, request), NAMES)
  expect(said('move', { visit_id: 'a', shift_id: 'sh_Kim' })).toBe('Moved Boiler to Kim')
  expect(said('swap', { visit_id: 'a', other_visit_id: 'b' })).toBe('Swapped Boiler and Meter')
  expect(said('duration', { visit_id: 'a', duration_s: 2_700 })).toBe('Boiler: 45 min on site')
  expect(said('add_break', { shift_id: 'sh_Kim', duration_s: 1_800 })).toBe('Break of 30 min for Kim')
  expect(said('undo', {})).toBe('Took an edit back')
  expect(said('unassign', { visit_id: 'gone' })).toBe('Took gone off')
})

it('leaves a code that it does not know as it is', () => {
  expect(wordOf('refusal_', 'skill')).toBe('lacks a skill')
  expect(wordOf('refusal_', 'something_new')).toBe('something_new')
})

it('says levels of skills above the first', () => {
  expect(skillWords({ gas: 2, water: 1 })).toBe('gas 2, water')
})
