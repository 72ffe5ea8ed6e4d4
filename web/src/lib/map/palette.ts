/**
 * Colors that tell technicians apart on a map, in light and in dark.
 *
 * Hues go round by the golden angle in OKLCH, so neighbors in the list are far apart; lightness is what keeps 4.5 : 1
 * against the map. The report of a plan (`fieldops.report.palette`) has the same ones.
 */
import type { Theme } from '../ui/theme'

export const PALETTE: readonly Readonly<Record<Theme, string>>[] = [
  { light: '#055cb2', dark: '#6eadfe' },
  { light: '#841904', dark: '#fdb7a8' },
  { light: '#107d61', dark: '#17b991' },
  { light: '#763da2', dark: '#c68df8' },
  { light: '#5b4404', dark: '#fac131' },
  { light: '#0b7692', dark: '#1cafd6' },
  { light: '#9f285a', dark: '#fa7ba7' },
  { light: '#225503', dark: '#95e378' },
  { light: '#525dc5', dark: '#8494fd' },
  { light: '#904605', dark: '#f78a3c' },
  { light: '#0c534f', dark: '#00e8df' },
  { light: '#994199', dark: '#d277d1' },
  { light: '#666005', dark: '#baaf0d' },
  { light: '#024c76', dark: '#9ad2fe' },
  { light: '#b43842', dark: '#f17074' },
  { light: '#097044', dark: '#32c882' },
  { light: '#512b92', dark: '#cec0fd' },
  { light: '#905e06', dark: '#d48e14' },
  { light: '#0c6977', dark: '#18c0d6' },
  { light: '#7f0b57', dark: '#feafd7' },
]

/** The color of a technician; indices go round. */
export function colorOf(index: number, theme: Theme): string {
  return PALETTE[((index % PALETTE.length) + PALETTE.length) % PALETTE.length]![theme]
}

/** The same for style sheets, which follow the theme by themselves. */
export function swatch(index: number): string {
  return `light-dark(${colorOf(index, 'light')}, ${colorOf(index, 'dark')})`
}
