import { afterEach, beforeEach, expect, it, vi } from 'vitest'

const reload = vi.fn()
let stored: Map<string, string>

beforeEach(() => {
  stored = new Map()
  reload.mockReset()
  vi.stubGlobal('location', { origin: 'http://page.test', search: '', reload })
  vi.stubGlobal('navigator', { languages: ['en'], onLine: true })
  vi.stubGlobal('sessionStorage', {
    getItem: (key: string) => stored.get(key) ?? null,
    setItem: (key: string, value: string) => void stored.set(key, value),
  })
  vi.resetModules()
})

afterEach(() => vi.unstubAllGlobals())

const gone = async (): Promise<never> => {
  throw new TypeError('Failed to fetch dynamically imported module')
}

it('fetches what was named, and what that names in turn, before anybody asks', async () => {
  const { fetchParts, later } = await import('../../src/lib/ui/later')
  const inner = vi.fn(async () => 'dialog')
  const panel = vi.fn(async () => {
    later(inner)
    return 'panel'
  })
  const part = later(panel)
  await fetchParts()
  expect([panel, inner].map((load) => load.mock.calls.length)).toEqual([1, 1])
  expect(await part()).toBe('panel')
})

it('loads the page anew when a part is gone, once', async () => {
  const { later } = await import('../../src/lib/ui/later')
  const part = later(gone)
  void part()
  await vi.waitFor(() => expect(reload).toHaveBeenCalledTimes(1))
  await expect(part()).rejects.toThrow(TypeError)
  expect(reload).toHaveBeenCalledTimes(1)
})

it('loads nothing anew that nobody has asked for', async () => {
  const { fetchParts, later } = await import('../../src/lib/ui/later')
  later(gone)
  await fetchParts()
  expect(reload).not.toHaveBeenCalled()
})

it('says that there is no connection', async () => {
  vi.stubGlobal('navigator', { languages: ['en'], onLine: false })
  const { later } = await import('../../src/lib/ui/later')
  await expect(later(gone)()).rejects.toMatchObject({ code: 'offline' })
  expect(reload).not.toHaveBeenCalled()
})

it('loads nothing anew where it could not remember that it did', async () => {
  vi.stubGlobal('sessionStorage', undefined)
  const { later } = await import('../../src/lib/ui/later')
  await expect(later(gone)()).rejects.toThrow(TypeError)
  expect(reload).not.toHaveBeenCalled()
})
