import { texts } from '../i18n'

export const t = texts(
  {
    best: 'Recommended',
    all: 'All times',
    morning: 'Morning',
    afternoon: 'Afternoon',
    more_days: 'More days',
    none: 'There is no free time in the days ahead.',
    reason_technician_nearby: 'A technician is already nearby',
    reason_known_technician: 'The technician you know',
    reason_preferred_time: 'The time you like',
    reason_early: 'On the first day that is free',
    reason_earliest: 'The earliest time',
  },
  {
    best: 'Empfohlen',
    all: 'Alle Zeiten',
    morning: 'Vormittag',
    afternoon: 'Nachmittag',
    more_days: 'Weitere Tage',
    none: 'In den nächsten Tagen ist keine Zeit frei.',
    reason_technician_nearby: 'Jemand ist schon in Ihrer Nähe',
    reason_known_technician: 'Sie kennen, wer kommt',
    reason_preferred_time: 'Die Zeit, die Ihnen lieb ist',
    reason_early: 'Am ersten freien Tag',
    reason_earliest: 'Die früheste Zeit',
  },
)
