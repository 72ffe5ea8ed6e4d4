/** What people do from a pane: edits, one at a time, and reports of what has happened. */
import { newId, of, once, type Schemas } from '../lib/api/client'
import { api } from '../lib/api/session'
import { common } from '../lib/i18n/common'
import { now } from '../lib/time/now.svelte'
import { toast } from '../lib/ui/toasts.svelte'
import { Acting } from './acting.svelte'
import type { Edit } from './edits'
import { whyNot } from './say'
import { w } from './words'

type Report = Omit<Schemas['NewEvent'], 'id' | 'occurred_at'>

export class Doing extends Acting {
  /** Buttons do nothing meanwhile: a second click would mean something else on the plan that comes. They keep the focus. */
  isBusy = $state(false)

  /** Make an edit; tells whether it was made. */
  edit(edit: Edit): Promise<boolean> {
    return this.#alone(() => this.act(edit), false)
  }

  undo(editId: string): Promise<void> {
    return this.#alone(() => this.takeBack(editId), undefined)
  }

  /** Report what has happened, as of now. */
  report(report: Partial<Report> & Pick<Report, 'kind'>): Promise<void> {
    return this.#alone(async () => {
      const event = { minutes: 0, reason: '', ...report, id: newId(), occurred_at: now().toISOString() }
      try {
        const { receipts } = await of(api.POST('/v1/progress', { params: { header: once() }, body: { events: [event] } }))
        const receipt = receipts[0]
        if (!receipt?.is_ignored) return toast(w('reported'))
        toast(w('ignored', { phase: receipt.phase == null ? '' : common(`phase_${receipt.phase}`) }), { kind: 'fault' })
      } catch (error) {
        toast(whyNot(error), { kind: 'fault' })
      }
    }, undefined)
  }

  async #alone<R>(what: () => Promise<R>, otherwise: R): Promise<R> {
    if (this.isBusy) return otherwise
    this.isBusy = true
    try {
      return await what()
    } finally {
      this.isBusy = false
    }
  }
}
