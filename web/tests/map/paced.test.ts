import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { Paced } from '../../src/lib/map/paced'

beforeEach(() => vi.useFakeTimers())
afterEach(() => vi.useRealTimers())

test('the first is done at once, and of what comes meanwhile only the last', () => {
  const pace = new Paced(1_000)
  const done: string[] = []

  for (const name of ['first', 'second', 'third']) pace.run(() => done.push(name))
  expect(done).toEqual(['first'])
  vi.advanceTimersByTime(1_000)

  expect(done).toEqual(['first', 'third'])
})

test('what was done late makes the next one wait as long', () => {
  const pace = new Paced(1_000)
  const done: number[] = []

  pace.run(() => done.push(1))
  pace.run(() => done.push(2))
  vi.advanceTimersByTime(1_200)
  pace.run(() => done.push(3))
  vi.advanceTimersByTime(700)
  expect(done).toEqual([1, 2])
  vi.advanceTimersByTime(100)

  expect(done).toEqual([1, 2, 3])
})

test('nothing is done any more once it was stopped', () => {
  const pace = new Paced(1_000)
  const done: number[] = []

  pace.run(() => done.push(1))
  pace.run(() => done.push(2))
  pace.stop()
  vi.advanceTimersByTime(5_000)

  expect(done).toEqual([1])
})
