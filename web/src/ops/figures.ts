/** Figures in words: rounded to what matters, and a dash where there is none. */
import { language } from '../lib/i18n'

const one = new Intl.NumberFormat(language === 'de' ? 'de-DE' : 'en-US', { maximumFractionDigits: 1 })

export function figure(value: number): string
export function figure(value: number | null): string | null
export function figure(value: number | null): string | null {
  return value === null ? null : one.format(value).replace('-', '−')
}

/** Percent, as the API gives it: 0 to 100. */
export function percentOf(value: number | null): string {
  return value === null ? '–' : `${one.format(value)} %`
}
