import { expect, it } from 'vitest'
import { factsOf } from '../../src/board/facts'
import { EVERYTHING, isShown, isWanted, nextHit, sorted } from '../../src/board/filter'
import { figuresOf, joinRow } from '../../src/board/join'
import { at, progress, route, snapshot, stop } from './day'
import { rowsOf } from './rows'

const LATE = stop('a', '12:20', '12:50', { window_start: at('10:00'), window_end: at('12:00'), lateness_s: 1_200, customer_name: 'Ada Archer' })
const ROUTES = [route('Lee', [LATE]), route('Kim', [stop('b', '09:00', '09:30')]), route('Mo', [], { starts_at: at('06:00') })]
const ROWS = ROUTES.map((own) => joinRow(own, factsOf(snapshot(ROUTES), false), 0))

it.each([
  ['name', ['sh_Kim', 'sh_Lee', 'sh_Mo']],
  ['lateness', ['sh_Lee', 'sh_Kim', 'sh_Mo']],
  ['start', ['sh_Mo', 'sh_Kim', 'sh_Lee']],
] as const)('sorts rows by %s', (order, ids) => {
  expect(sorted(ROWS, order, new Set())).toEqual(ids)
})

it('keeps rows on top, whatever the order', () => {
  expect(sorted(ROWS, 'name', new Set(['sh_Mo']))).toEqual(['sh_Mo', 'sh_Kim', 'sh_Lee'])
})

it('shows of a filter only the rows that have something of it', () => {
  const late = { ...EVERYTHING, keeping: 'late' } as const
  expect(ROWS.filter((row) => isShown(row, late)).map((row) => row.technicianName)).toEqual(['Lee'])
})

it('counts as late what the figure counts: nothing that is over', () => {
  const served = progress('a', 'done', { arrived_at: at('12:20'), started_at: at('12:20'), finished_at: at('12:50') })
  const [row] = rowsOf([route('Lee', [LATE])], { progress: [served] })
  const late = { ...EVERYTHING, keeping: 'late' } as const
  expect([row!.visits[0]!.keeping, figuresOf([row!], []).late]).toEqual(['late', 0])
  expect([isShown(row!, late), isWanted(row!.visits[0]!, row!, late)]).toEqual([false, false])
})

it('finds every word anywhere, and hides no row', () => {
  const found = (search: string) => isWanted(ROWS[0]!.visits[0]!, ROWS[0]!, { ...EVERYTHING, search })
  expect([found('archer BOILER'), found('lee'), found('archer nobody')]).toEqual([true, true, false])
  expect(ROWS.every((row) => isShown(row, { ...EVERYTHING, search: 'archer' }))).toBe(true)
})

it('goes from hit to hit, and begins anew after the last', () => {
  const morning = { ...EVERYTHING, search: 'boiler' }
  const hits = [null, 'a', 'b'].map((selected) => nextHit(ROWS, [], morning, selected))
  expect(hits).toEqual(['a', 'b', 'a'])
  expect([nextHit(ROWS, [], EVERYTHING, null), nextHit(ROWS, [], { ...EVERYTHING, search: 'nobody' }, 'a')]).toEqual([null, null])
})

it('counts numbers in names', () => {
  const named = ['Van 10', 'Van 9'].map((name) => joinRow(route(name, []), factsOf(snapshot([]), false), 0))
  expect(sorted(named, 'name', new Set())).toEqual(['sh_Van 9', 'sh_Van 10'])
})
