import { texts } from '../i18n'

export const t = texts(
  {
    map: 'Map',
    zoom_in: 'Zoom in',
    zoom_out: 'Zoom out',
    fit: 'Show everything',
    failed: 'The map cannot be shown. Everything on it is in the lists as well.',
    keys: 'Arrow keys move the map, plus and minus zoom.',
  },
  {
    map: 'Karte',
    zoom_in: 'Vergrößern',
    zoom_out: 'Verkleinern',
    fit: 'Alles zeigen',
    failed: 'Die Karte lässt sich nicht zeigen. Alles darauf steht auch in den Listen.',
    keys: 'Pfeiltasten verschieben die Karte, Plus und Minus ändern den Maßstab.',
  },
)
