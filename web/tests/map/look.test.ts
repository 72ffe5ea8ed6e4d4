import { expect, test } from 'vitest'
import type { MapStop } from '../../src/lib/map/engine'
import { lookOf, styleOf } from '../../src/lib/map/look'
import { colorOf, PALETTE } from '../../src/lib/map/palette'
import { streetLine, turned } from '../../src/lib/map/streets'

const STOP: MapStop = {
  id: 'vi_1',
  at: { latitude: 38.9, longitude: -77 },
  color: 2,
  keeping: 'ok',
  isOver: false,
  isSelected: false,
  isFaded: false,
  number: null,
  label: 'Boiler',
  technicianId: 'tn_1',
}

test('a stop has the color of its technician, whatever becomes of its promise', () => {
  const fills = (['ok', 'at_risk', 'late'] as const).map((keeping) => styleOf({ ...STOP, keeping }, 'light').fillColor)

  expect(new Set(fills)).toEqual(new Set([colorOf(2, 'light')]))
})

test('a late stop is larger and has a wider ring: not by color alone', () => {
  const [fine, late] = [styleOf(STOP, 'dark'), styleOf({ ...STOP, keeping: 'late' }, 'dark')]

  expect(late.radius).toBeGreaterThan(fine.radius)
  expect(late.weight).toBeGreaterThan(fine.weight)
})

test('a broken promise of a visit that is over alarms nobody', () => {
  const over = { ...STOP, isOver: true }

  expect(styleOf({ ...over, keeping: 'late' }, 'light')).toEqual(styleOf(over, 'light'))
})

test('what looks the same is not drawn again', () => {
  expect(lookOf({ ...STOP, label: 'Heat pump' }, 'light')).toBe(lookOf(STOP, 'light'))
  for (const change of [{ color: null }, { keeping: 'late' }, { isOver: true }, { isSelected: true }, { number: 3 }] as const) {
    expect(lookOf({ ...STOP, ...change }, 'light')).not.toBe(lookOf(STOP, 'light'))
  }
  expect(lookOf({ ...STOP, at: { latitude: 38.91, longitude: -77 } }, 'light')).not.toBe(lookOf(STOP, 'light'))
  expect(lookOf(STOP, 'dark')).not.toBe(lookOf(STOP, 'light'))
})

test('no two technicians have the same color before it has gone round', () => {
  for (const theme of ['light', 'dark'] as const) {
    expect(new Set(PALETTE.map((_, index) => colorOf(index, theme))).size).toBe(20)
    expect(colorOf(23, theme)).toBe(colorOf(3, theme))
  }
})

test('streets come with the longitude first', () => {
  expect(turned([[[-77.03, 38.9], [-77.02, 38.95]]])).toEqual([[[38.9, -77.03], [38.95, -77.02]]])
})

test('from afar only main roads are shown, and thinner', () => {
  expect([streetLine('minor', 'light', 11).stroke, streetLine('motorway', 'light', 11).stroke]).toEqual([false, true])
  expect(streetLine('minor', 'light', 14).stroke).toBe(true)
  expect(streetLine('motorway', 'dark', 11).weight).toBeLessThan(streetLine('motorway', 'dark', 15).weight)
})
