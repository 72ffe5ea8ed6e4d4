import { expect, test } from 'vitest'
import { repairWords } from '../../src/board/repairs'

type Facts = Parameters<typeof repairWords>[0]

const facts: Facts = {
  technician_id: 'tn_Kim',
  shift_id: 'sh_Kim',
  start_at: '2026-03-16T14:10:00-04:00',
  extra_overtime_s: 0,
  window_shift_s: 0,
  needs_permission: false,
  missing_skills: [],
  displaces: [],
}

function said(more: Partial<Facts>): string {
  const technician = (id: string): string | null => (id === 'sh_Kim' ? 'Kim' : null)
  const visit = (id: string): string | null => (id === 'a' ? 'Leak' : null)
  return repairWords({ ...facts, ...more }, 'America/New_York', technician, visit)
}

test('says who could come, and what people would have to agree to', () => {
  expect(said({})).toBe('fits at 14:10 with Kim')
  expect(said({ extra_overtime_s: 1_200, missing_skills: ['gas', 'power'] })).toBe(
    'fits at 14:10 with Kim if 20 min more overtime is allowed and it may be done without gas and power',
  )
  expect(said({ window_shift_s: -600 })).toContain('it may start 10 min before its window')
  expect(said({ window_shift_s: 600, needs_permission: true })).toBe(
    'fits at 14:10 with Kim if it may start 10 min after its window and Kim may serve it',
  )
})

test('names what would be left out instead, as far as it is known', () => {
  expect(said({ displaces: ['a'] })).toContain('if Leak is left out instead')
  expect(said({ displaces: ['a', 'b'] })).toContain('if 2 others are left out instead')
  expect(said({ displaces: ['b'], shift_id: 'sh_gone' })).toBe('fits at 14:10 with somebody if another one is left out instead')
})
