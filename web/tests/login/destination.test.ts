import { expect, test } from 'vitest'
import { destination } from '../../src/login/destination'

const HERE = 'https://fieldops.example'
const to = (asked: string): string => destination(`?to=${encodeURIComponent(asked)}`, 'dispatcher', HERE)

test('whoever came from a page of this site goes back to it', () => {
  expect(to('/ops?tab=service#jobs')).toBe('/ops?tab=service#jobs')
  expect(to('/board')).toBe('/board')
})

test.each([
  '//evil.example',
  '/\\evil.example',
  '/\t/evil.example',
  '/\n/evil.example',
  '\t//evil.example',
  '/\t\\evil.example',
  'https://evil.example/',
  'https:evil.example',
  'javascript:alert(1)',
  '/.//evil.example/',
  '/x/..//evil.example/',
  '//',
  'http://fieldops.example/board',
])('nobody is led to another site: %j', (asked) => {
  expect(new URL(to(asked), HERE).origin).toBe(HERE)
})

test('the address bar decodes what an address may not hold', () => {
  expect(destination('?to=/%09/evil.example', 'dispatcher', HERE)).toBe('/board')
  expect(destination('?to=/%5Cevil.example', 'dispatcher', HERE)).toBe('/board')
})

test('nobody signs in to sign in', () => {
  expect(to('/login')).toBe('/board')
  expect(to('/login?to=/login')).toBe('/board')
})

test('without an address everybody goes to the page of his role', () => {
  expect(destination('', 'technician', HERE)).toBe('/tech')
  expect(destination('', 'ops', HERE)).toBe('/ops')
  expect(destination('', 'dispatcher', HERE)).toBe('/board')
})
