import { texts } from '../i18n'

export const t = texts(
  { as_table: 'Show as table', as_chart: 'Show as chart' },
  { as_table: 'Als Tabelle', as_chart: 'Als Diagramm' },
)
