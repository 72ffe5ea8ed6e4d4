import { beforeEach, expect, test, vi } from 'vitest'
import type * as I18n from '../../src/lib/i18n'

let stored: Record<string, string>
let replaced: string | null
let reloads: number

async function open(href: string): Promise<typeof I18n> {
  const { search } = new URL(href)
  const replace = (address: URL | string) => (replaced = String(address))
  vi.stubGlobal('location', { href, search, replace, reload: () => (reloads += 1) })
  vi.resetModules()
  return await import('../../src/lib/i18n')
}

beforeEach(() => {
  stored = {}
  replaced = null
  reloads = 0
  vi.stubGlobal('navigator', { languages: ['fr-FR', 'de-AT', 'en'] })
  vi.stubGlobal('localStorage', {
    getItem: (name: string) => stored[name] ?? null,
    setItem: (name: string, value: string) => (stored[name] = value),
  })
})

function forbidStorage(): void {
  const refuse = () => {
    throw new DOMException('not here', 'SecurityError')
  }
  vi.stubGlobal('localStorage', { getItem: refuse, setItem: refuse })
}

test('the first language of the reader that we speak', async () => {
  expect((await open('https://x.test/book')).language).toBe('de')
})

test('the choice is remembered, and the page loaded anew', async () => {
  const { chooseLanguage } = await open('https://x.test/book?language=de')
  chooseLanguage('en')
  expect(replaced).toBe('https://x.test/book')
  expect((await open(replaced!)).language).toBe('en')
})

test('an address that says nothing of it is just loaded again', async () => {
  const { chooseLanguage } = await open('https://x.test/book')
  chooseLanguage('en')
  expect([reloads, replaced]).toEqual([1, null])
})

test('where nothing may be stored the address says it', async () => {
  forbidStorage()
  const { chooseLanguage } = await open('https://x.test/book?x=1')
  chooseLanguage('en')
  expect(replaced).toBe('https://x.test/book?x=1&language=en')
  const again = await open(replaced!)
  expect(again.language).toBe('en')
  again.chooseLanguage('de')
  expect(replaced).toBe('https://x.test/book?x=1&language=de')
})
