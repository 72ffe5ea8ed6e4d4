/** Small signs on the map with text in them: few, so they are elements. */
import * as L from 'leaflet'
import type { Point } from './engine'

export interface Label {
  id: string
  at: Point
  text: string
  className: string
  /** Of the sign; null = as the style sheet has it. */
  color: string | null
}

/** Signs of one pane; only what differs is touched. */
export class Labels {
  readonly #map: L.Map
  readonly #pane: string
  readonly #onClick: ((id: string) => void) | undefined
  readonly #shown = new Map<string, { marker: L.Marker; look: string }>()

  constructor(map: L.Map, pane: string, onClick?: (id: string) => void) {
    this.#map = map
    this.#pane = pane
    this.#onClick = onClick
  }

  show(labels: readonly Label[]): void {
    const kept = new Set(labels.map((label) => label.id))
    for (const [id, { marker }] of this.#shown) {
      if (kept.has(id)) continue
      marker.remove()
      this.#shown.delete(id)
    }
    for (const label of labels) this.#draw(label)
  }

  #draw(label: Label): void {
    const position: [number, number] = [label.at.latitude, label.at.longitude]
    const look = [label.text, label.className, label.color].join('\n')
    const shown = this.#shown.get(label.id)
    if (shown !== undefined) {
      if (!shown.marker.getLatLng().equals(position)) shown.marker.setLatLng(position)
      if (shown.look !== look) shown.marker.setIcon(icon(label))
      shown.look = look
      return
    }
    const marker = L.marker(position, {
      icon: icon(label),
      pane: this.#pane,
      // The lists are how keys get to visits and technicians; signs that overlap would be no targets.
      keyboard: false,
      interactive: this.#onClick !== undefined,
    }).addTo(this.#map)
    marker.on('click', (event) => {
      L.DomEvent.stopPropagation(event)
      this.#onClick?.(label.id)
    })
    this.#shown.set(label.id, { marker, look })
  }
}

function icon(label: Label): L.DivIcon {
  const sign = document.createElement('span')
  sign.textContent = label.text
  // Through the object model: the policy of the pages refuses style attributes.
  if (label.color !== null) sign.style.setProperty('--color', label.color)
  return L.divIcon({ html: sign, className: label.className, iconSize: [22, 22] })
}
