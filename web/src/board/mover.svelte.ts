/** Visits are moved by keys: up and down to another technician, left and right in the order. */
import { ApiError } from '../lib/api/client'
import { amountChange, clock } from '../lib/time/format'
import type { Acting } from './acting.svelte'
import { move, news, stopAfter } from './edits'
import { numPlaces, positionAt, positionOf } from './keyboard'
import type { BoardVisit } from './model'
import { nameOf } from './say'
import type { Board } from './store.svelte'
import { t } from './texts'
import { Trial } from './trial.svelte'
import type { View } from './view.svelte'

export class Mover {
  visit: BoardVisit | null = $state.raw(null)
  trial: Trial | null = $state.raw(null)
  #said: unknown = null

  constructor(
    private readonly board: Board,
    private readonly view: View,
    private readonly acting: Acting,
  ) {}

  begin(visit: BoardVisit): void {
    const row = this.board.row(visit.shiftId ?? '')
    if (row === undefined) return
    this.visit = visit
    this.trial = new Trial(this.board, visit.id, visit.window?.to ?? null)
    this.trial.consider({ shiftId: row.shiftId, position: positionOf(row, visit.id) ?? 0 })
    this.view.announcement = t('move_begin', { name: nameOf(visit) })
  }

  cancel(): void {
    this.#end()
    this.view.announcement = t('move_cancel')
  }

  /** Take a key; tells whether it meant something. */
  key(key: string): boolean {
    const { trial, visit } = this
    if (trial === null || visit === null || trial.place === null) return false
    const { shiftId, position } = trial.place
    const rows = this.board.rows
    const index = rows.findIndex((row) => row.shiftId === shiftId)
    if (key === 'ArrowUp' || key === 'ArrowDown') {
      const row = rows[index + (key === 'ArrowUp' ? -1 : 1)]
      if (row === undefined) return true
      // Where it would be in time; at home where it is.
      this.#consider(row.shiftId, positionOf(row, visit.id) ?? positionAt(row, visit.id, visit.service.from))
    } else if (key === 'ArrowLeft' || key === 'ArrowRight') {
      const row = rows[index]
      const next = position + (key === 'ArrowLeft' ? -1 : 1)
      if (row !== undefined && next >= 0 && next < numPlaces(row, visit.id)) this.#consider(shiftId, next)
    } else if (key === 'Enter' || key === ' ') this.#drop()
    else if (key === 'Escape') this.cancel()
    else return key.length === 1
    return true
  }

  /** Say what the service has said of the place; called when that changes. */
  say(): void {
    const trial = this.trial
    if (trial === null || (trial.tried === this.#said && trial.error === null)) return
    this.#said = trial.tried
    if (trial.error !== null) {
      this.view.announcement = trial.error instanceof ApiError ? trial.error.message : t('stays')
      return
    }
    const stop = trial.tried === null ? undefined : stopAfter(trial.tried, trial.visitId)
    if (trial.tried === null || stop === undefined) return
    const said = [
      this.#where(),
      t('move_at', { time: clock(stop.start_at, this.board.zone), cost: amountChange(trial.tried.cost_change_cents) }),
      ...news(trial.tried).map((violation) => violation.message),
    ]
    this.view.announcement = said.join('. ')
  }

  #where(): string {
    const { shiftId, position } = this.trial!.place!
    const row = this.board.row(shiftId)
    if (row === undefined || this.visit === null) return ''
    return t('move_to', { technician: row.technicianName, position: position + 1, n: numPlaces(row, this.visit.id) })
  }

  #consider(shiftId: string, position: number): void {
    this.trial!.consider({ shiftId, position })
    this.view.reveal(shiftId, null)
    this.view.announcement = this.trial!.isHome ? `${this.#where()}. ${t('stays')}` : this.#where()
    this.say()
  }

  #drop(): void {
    const [trial, visit] = [this.trial!, this.visit!]
    if (trial.place === null || trial.isHome) return this.cancel()
    const { shiftId, position } = trial.place
    const tried = trial.fresh
    this.#end()
    void this.acting.act(move(visit.id, shiftId, position), tried === null ? {} : { tried }).then((isMade) => {
      if (isMade) void this.view.focus({ shiftId, visitId: visit.id })
    })
  }

  #end(): void {
    this.trial?.end()
    this.trial = null
    this.visit = null
    this.#said = null
  }
}
