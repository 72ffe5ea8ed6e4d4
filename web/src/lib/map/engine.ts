/** What pages ask of a map, whichever library draws it. */
import type { Keeping } from '../status'

export interface Point {
  latitude: number
  longitude: number
}

/** Streets drawn by ourselves: one feature for each class, main roads first. */
export interface Streets {
  attribution: string
  features: readonly {
    properties: { class: string }
    /** Longitude and latitude, as in GeoJSON. */
    geometry: { type: 'MultiLineString'; coordinates: readonly (readonly (readonly [number, number])[])[] }
  }[]
}

/** What the map is drawn on; null = nothing. */
export type Base = { kind: 'tiles'; url: string; attribution: string } | { kind: 'streets'; streets: Streets } | null

export interface MapStop {
  id: string
  at: Point
  /** Index in `PALETTE`; null = nobody's. */
  color: number | null
  keeping: Keeping
  isOver: boolean
  isSelected: boolean
  /** Stands back because something else is looked at. */
  isFaded: boolean
  /** Its place on the route, from 1; null = is not shown. */
  number: number | null
  /** Said beside it when it is pointed at; a function where there are many. */
  label: string | (() => string)
  technicianId: string | null
}

export interface MapRoute {
  /** The technician's id. */
  id: string
  color: number
  path: readonly Point[]
  isFaint: boolean
}

export interface MapVehicle {
  /** The technician's id. */
  id: string
  at: Point
  color: number
  isOut: boolean
  label: string
}

export type Pick = { kind: 'stop' | 'vehicle'; id: string } | null

export interface MapEngine {
  setBase(base: Base): void
  /** Lists replace what was there; what is the same is not drawn again. */
  setStops(stops: readonly MapStop[]): void
  setRoutes(routes: readonly MapRoute[]): void
  setVehicles(vehicles: readonly MapVehicle[]): void
  /** Bring a technician's stops into view, if they are not; null = nobody in particular. */
  focus(technicianId: string | null): void
  /** Show everything. */
  fit(): void
  /** Be told what was clicked; null = the map itself. */
  onPick(tell: (pick: Pick) => void): void
  destroy(): void
}
