import { afterEach, describe, expect, it } from 'vitest'
import { laterBy, lateKind } from '../../src/tech/actions'
import { hear, restore, serviceNow, stamp } from '../../src/tech/clock'
import { merge } from '../../src/tech/day'
import { itemsOf } from '../../src/tech/list'
import { directionsTo, platformOf, telephone } from '../../src/tech/navigation'
import { EVERY, paced, type Spot } from '../../src/tech/position'
import { keptToday, todayLoader } from '../../src/tech/store/today'
import { isShell } from '../../src/tech/worker/shell'
import { at, day } from './builders'

describe('the clock of the service on a phone', () => {
  afterEach(() => void restore({ service: 0, device: 0, rate: 1 }))

  it('goes on while the page sleeps and after a restart', () => {
    const heard = hear(at('8:00'), 1, 1_000)
    expect(serviceNow(61_000)).toBe(Date.parse(at('8:01')))
    restore({ service: 0, device: 0, rate: 1 })
    restore(heard)
    expect(serviceNow(3_601_000)).toBe(Date.parse(at('9:00')))
  })

  it('runs as fast as the service says', () => {
    hear(at('8:00'), 60, 0)
    expect(serviceNow(60_000)).toBe(Date.parse(at('9:00')))
  })

  it('gives two events of one moment an order, also when it is put back a little', () => {
    hear(at('8:00'), 1)
    const first = stamp()
    hear(new Date(Date.parse(first) - 2_000).toISOString(), 1)
    expect(stamp() > first).toBe(true)
  })
})

describe('being late', () => {
  it('is more time at work, and another time of arrival before', () => {
    expect(['planned', 'traveling', 'arrived', 'in_progress', 'done'].map((phase) => lateKind(phase as 'planned'))).toEqual([
      'delayed',
      'delayed',
      null,
      'extended',
      null,
    ])
  })

  it('counts from when one is expected, or from now when that is over', () => {
    expect(laterBy(at('10:10'), Date.parse(at('9:00')), 15)).toBe(at('10:25'))
    expect(laterBy(at('8:10'), Date.parse(at('9:00')), 30)).toBe(at('9:30'))
  })
})

describe('the way there', () => {
  const place = { address: '1 Main St', latitude: 38.9, longitude: -77.03 }

  it('opens in what the phone has', () => {
    expect(directionsTo(place, platformOf('Mozilla/5.0 (Linux; Android 16)', 5))).toBe(
      'geo:38.900000,-77.030000?q=38.900000,-77.030000(1%20Main%20St)',
    )
    expect(directionsTo(place, platformOf('Mozilla/5.0 (iPhone)', 5))).toBe('maps://?daddr=38.900000,-77.030000&dirflg=d')
    expect(directionsTo(place, platformOf('Mozilla/5.0 (Macintosh)', 5))).toMatch(/^maps:/)
    expect(directionsTo(place, platformOf('Mozilla/5.0 (Macintosh)', 0))).toMatch(/^https:/)
  })

  it('dials without what people write between digits', () => {
    expect(telephone('+1 (202) 555-0110')).toBe('tel:+12025550110')
  })

  it('is reported once a minute', () => {
    const spots: Spot[] = []
    let now = 0
    const pass = paced((spot) => spots.push(spot), () => now)
    for (now = 0; now <= 2 * EVERY; now += 10_000) pass({ latitude: 38.123456789, longitude: now })
    expect(spots.map((spot) => spot.longitude)).toEqual([0, EVERY, 2 * EVERY])
    expect(spots[0]?.latitude).toBe(38.123457)
  })
})

describe('the list of a day', () => {
  it('has visits, ways and breaks in their order', () => {
    const kinds = itemsOf(merge(day(), [], null)).map((item) => item.kind)
    expect(kinds).toEqual(['travel', 'stop', 'travel', 'stop', 'break', 'travel', 'stop', 'home'])
  })
})

describe('what the service worker answers for', () => {
  const files = ['/assets/tech-1.js', '/theme.js']
  const asks = (path: string, mode = 'navigate', method = 'GET') =>
    isShell({ method, mode, url: `https://example.com${path}` }, 'https://example.com', files)

  it('is the page and its own files', () => {
    expect(asks('/tech')).toBe(true)
    expect(asks('/tech?language=de')).toBe(true)
    expect(asks('/assets/tech-1.js', 'cors')).toBe(true)
  })

  it('is no other page, and never the API', () => {
    expect(asks('/login')).toBe(false)
    expect(asks('/board')).toBe(false)
    expect(asks('/v1/technicians/tn_1/day', 'cors')).toBe(false)
    expect(asks('/assets/board-1.js', 'cors')).toBe(false)
    expect(asks('/tech', 'navigate', 'POST')).toBe(false)
    expect(isShell({ method: 'GET', mode: 'cors', url: 'https://elsewhere.com/theme.js' }, 'https://example.com', files)).toBe(false)
  })
})

describe('the day that is worked on', () => {
  const evening = { ...day(), date: '2026-03-15', shifts: [{ ...day().shifts[0]!, ends_at: at('2:00') }] }
  const today = day()

  function service(now: () => number): { load: () => Promise<{ date: string }>; asked: (string | undefined)[] } {
    const asked: (string | undefined)[] = []
    const load = todayLoader(async (date) => {
      asked.push(date)
      return date === undefined ? today : evening
    }, now)
    return { load, asked }
  }

  it('is the one before until its night shift is over', async () => {
    let now = Date.parse(at('1:00'))
    const { load, asked } = service(() => now)
    expect((await load()).date).toBe('2026-03-15')
    expect((await load()).date).toBe('2026-03-15')
    now = Date.parse(at('2:01'))
    expect((await load()).date).toBe('2026-03-16')
    expect(asked).toEqual([undefined, '2026-03-15', '2026-03-15', undefined])
  })

  it('is today otherwise, and the one before is asked for once', async () => {
    const { load, asked } = service(() => Date.parse(at('9:00')))
    await load()
    expect((await load()).date).toBe('2026-03-16')
    expect(asked).toEqual([undefined, '2026-03-15', undefined])
  })

  it('is found among those on the phone', () => {
    const days = [evening, today].map((known) => ({ date: known.date, day: known }))
    expect(keptToday(days, Date.parse(at('1:00')))?.date).toBe('2026-03-15')
    expect(keptToday(days, Date.parse(at('9:00')))?.date).toBe('2026-03-16')
    expect(keptToday(days, Date.parse(at('33:00')))?.date).toBe('2026-03-16')
  })
})
