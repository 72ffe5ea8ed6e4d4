import { expect, test } from 'vitest'
import { inLanguage, needs, type Service, summaryOf, visitOf } from '../../src/customers/order'

const heating = {
  id: 'sv_1',
  territory_id: 'te_1',
  names: { en: 'Heating does not work', de: 'Heizung geht nicht' },
  duration_s: 1_800,
  required_skills: { gas: 1 },
  priority: 4,
  questions: [
    {
      id: 'fuel',
      kind: 'choice',
      texts: { en: 'What does it burn?' },
      choices: [
        { id: 'gas', texts: { en: 'Gas', de: 'Gas' }, required_skills: { gas: 2 }, extra_s: 600 },
        { id: 'oil', texts: { en: 'Oil', de: 'Öl' }, required_skills: { oil: 1 } },
      ],
    },
    { id: 'since', kind: 'text', texts: { en: 'Since when?' } },
  ],
} as unknown as Service

test('answers add time and raise what a technician has to be able to do', () => {
  expect(visitOf(heating, { fuel: 'gas' })).toEqual({
    name: 'Heating does not work',
    duration_s: 2_400,
    required_skills: { gas: 2 },
    priority: 4,
  })
  expect(visitOf(heating, { fuel: 'oil' }).required_skills).toEqual({ gas: 1, oil: 1 })
  expect(visitOf(heating, {}).duration_s).toBe(1_800)
})

test('the order says what was said, in the language of its customer', () => {
  expect(summaryOf(heating, {}, ' ', 'de')).toBe('Heizung geht nicht')
  const answers = { fuel: 'oil', since: 'Montag' }
  expect(summaryOf(heating, answers, 'Bitte\nklingeln', 'de')).toBe('Heizung geht nicht: Öl; Montag; Bitte klingeln')
  expect(summaryOf(heating, {}, 'x'.repeat(600), 'en')).toHaveLength(500)
})

test('a text that nobody has translated is better than none', () => {
  expect(inLanguage({ fr: 'Chauffage' }, 'de')).toBe('Chauffage')
  expect(inLanguage({}, 'de')).toBe('')
})

test.each([
  ['open', 'book'],
  ['held', 'book'],
  ['failed', 'book_again'],
  ['booked', null],
  ['done', null],
])('a visit that is %s needs: %s', (state, need) => {
  expect(needs({ state })).toBe(need)
})
