/** The map drawn by Leaflet on canvases: no WebGL, no worker. Loaded when a map is shown first. */
import * as L from 'leaflet'
import 'leaflet/dist/leaflet.css'
import { type Theme, theme } from '../ui/theme'
import type { Base, MapEngine, MapRoute, MapStop, MapVehicle, Pick, Point } from './engine'
import { Labels } from './labels'
import { colorOf } from './palette'
import { lookOf, styleOf } from './look'
import { streetLine, turned } from './streets'
import { t } from './texts'

/** Panes from the ground up; of the canvases only that of the stops takes clicks. */
const PANES = { streets: 250, routes: 410, stops: 450, numbers: 460, vehicles: 470 } as const

interface Drawn {
  stop: MapStop
  look: string
  mark: L.CircleMarker
}

const at = ({ latitude, longitude }: Point): [number, number] => [latitude, longitude]

export function leafletMap(box: HTMLElement): MapEngine {
  const isStill = matchMedia('(prefers-reduced-motion: reduce)').matches
  const map = L.map(box, {
    center: [20, 0],
    zoom: 2,
    zoomControl: false,
    zoomSnap: 0.5,
    zoomAnimation: !isStill,
    fadeAnimation: !isStill,
    inertia: !isStill,
  })
  map.attributionControl.setPrefix(false)
  L.control.zoom({ position: 'topright', zoomInTitle: t('zoom_in'), zoomOutTitle: t('zoom_out') }).addTo(map)
  const renderers = Object.fromEntries(
    Object.entries(PANES).map(([pane, order]) => {
      const element = map.createPane(pane)
      element.style.zIndex = String(order)
      if (pane !== 'stops' && pane !== 'vehicles') element.style.pointerEvents = 'none'
      return [pane, L.canvas({ pane, padding: 0.3 })]
    }),
  ) as Record<keyof typeof PANES, L.Canvas>

  let shown: Theme = theme()
  let ground: L.Layer[] = []
  let streets: { name: string; line: L.Polyline }[] = []
  let base: Base = null
  let tell: (pick: Pick) => void = () => {}
  const stops = new Map<string, Drawn>()
  const numbers = new Labels(map, 'numbers')
  const vehicles = new Labels(map, 'vehicles', (id) => tell({ kind: 'vehicle', id }))
  const lines = new Map<string, { look: string; line: L.Polyline }>()
  let routes: readonly MapRoute[] = []
  let seen: readonly MapVehicle[] = []
  const hint = L.tooltip({ direction: 'top', offset: [0, -8], opacity: 1 })

  map.on('click', () => tell(null))
  map.on('zoomend', () => {
    for (const { name, line } of streets) line.setStyle(streetLine(name, shown, map.getZoom()))
  })
  const resizing = new ResizeObserver(() => map.invalidateSize({ animate: false }))
  resizing.observe(box)
  const theming = new MutationObserver(() => {
    if (theme() === shown) return
    shown = theme()
    drawBase()
    engine.setStops([...stops.values()].map((drawn) => drawn.stop))
    engine.setRoutes(routes)
    engine.setVehicles(seen)
  })
  theming.observe(document.documentElement, { attributeFilter: ['data-theme'] })

  function drawBase(): void {
    for (const layer of ground) layer.remove()
    ground = []
    streets = []
    if (base?.kind === 'tiles') {
      ground.push(L.tileLayer(base.url, { attribution: base.attribution, maxZoom: 19, className: 'map-tiles' }))
    } else if (base?.kind === 'streets') {
      // Main roads come first in the list and have to lie on top.
      for (const street of [...base.streets.features].reverse()) {
        const look = streetLine(street.properties.class, shown, map.getZoom())
        const attribution = base.streets.attribution
        const lines = turned(street.geometry.coordinates)
        const line = L.polyline(lines, { ...look, renderer: renderers.streets, interactive: false, attribution })
        streets.push({ name: street.properties.class, line })
        ground.push(line)
      }
    }
    for (const layer of ground) layer.addTo(map)
  }

  function draw(stop: MapStop): void {
    const look = lookOf(stop, shown)
    const drawn = stops.get(stop.id)
    if (drawn === undefined) {
      const mark = L.circleMarker(at(stop.at), { ...styleOf(stop, shown), renderer: renderers.stops })
      mark.on('click', (event) => {
        L.DomEvent.stopPropagation(event)
        tell({ kind: 'stop', id: stop.id })
      })
      mark.on('mouseover', () => hint.setLatLng(mark.getLatLng()).setContent(said(stop.id)).openOn(map))
      mark.on('mouseout', () => hint.remove())
      stops.set(stop.id, { stop, look, mark: mark.addTo(map) })
      return
    }
    if (drawn.look !== look) {
      drawn.mark.setLatLng(at(stop.at)).setStyle(styleOf(stop, shown))
      drawn.mark.setRadius(styleOf(stop, shown).radius)
      if (stop.isSelected) drawn.mark.bringToFront()
    }
    drawn.stop = stop
    drawn.look = look
  }

  function said(id: string): HTMLElement {
    const element = document.createElement('span')
    const label = stops.get(id)?.stop.label ?? ''
    element.textContent = typeof label === 'string' ? label : label()
    return element
  }

  const engine: MapEngine = {
    setBase(next) {
      base = next
      drawBase()
    },
    setStops(next) {
      const kept = new Set(next.map((stop) => stop.id))
      for (const [id, { mark }] of stops) {
        if (kept.has(id)) continue
        mark.remove()
        stops.delete(id)
      }
      next.forEach(draw)
      numbers.show(
        next.flatMap((stop) =>
          stop.number === null
            ? []
            : [{ id: stop.id, at: stop.at, text: String(stop.number), className: 'map-number', color: null }],
        ),
      )
    },
    setRoutes(next) {
      routes = next
      const kept = new Set(next.map((route) => route.id))
      for (const [id, { line }] of lines) {
        if (kept.has(id)) continue
        line.remove()
        lines.delete(id)
      }
      for (const route of next) {
        const path = route.path.map(at)
        const style = { color: colorOf(route.color, shown), weight: route.isFaint ? 2 : 3.5, opacity: route.isFaint ? 0.55 : 0.95 }
        const look = JSON.stringify([path, style])
        const drawn = lines.get(route.id)
        if (drawn?.look === look) continue
        drawn?.line.remove()
        const line = L.polyline(path, { ...style, renderer: renderers.routes, interactive: false }).addTo(map)
        lines.set(route.id, { look, line })
      }
    },
    setVehicles(next) {
      seen = next
      vehicles.show(
        next.map((vehicle) => ({
          id: vehicle.id,
          at: vehicle.at,
          text: vehicle.label,
          className: vehicle.isOut ? 'map-vehicle is-out' : 'map-vehicle',
          color: colorOf(vehicle.color, shown),
        })),
      )
    },
    focus(technicianId) {
      const own = [...stops.values()].filter(({ stop }) => stop.technicianId === technicianId)
      if (technicianId === null || own.length === 0) return
      const bounds = L.latLngBounds(own.map(({ mark }) => mark.getLatLng()))
      if (!map.getBounds().contains(bounds)) map.fitBounds(bounds.pad(0.15), { maxZoom: 14, animate: !isStill })
    },
    fit() {
      const places = [...[...stops.values()].map(({ stop }) => stop.at), ...seen.map((vehicle) => vehicle.at)]
      // Nothing lies behind the buttons on the right.
      const room: L.FitBoundsOptions = { paddingTopLeft: [24, 24], paddingBottomRight: [64, 24] }
      if (places.length > 0) map.fitBounds(L.latLngBounds(places.map(at)), { ...room, maxZoom: 15, animate: false })
    },
    onPick(next) {
      tell = next
    },
    destroy() {
      resizing.disconnect()
      theming.disconnect()
      map.remove()
    },
  }
  return engine
}
