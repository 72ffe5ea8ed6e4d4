/** Edits by drag and by key: said when made, asked about when they break something, explained when they fail. */
import { toast } from '../lib/ui/toasts.svelte'
import type { Edit } from './edits'
import { saidOf, whyNot } from './say'
import { type Applying, type Board, NeedsForce } from './store.svelte'
import { t } from './texts'

export class Acting {
  /** The edit that somebody has to give a reason for, or let go. */
  forcing: NeedsForce | null = $state.raw(null)

  constructor(private readonly board: Board) {}

  /** Make an edit; tells whether it was made. */
  async act(edit: Edit, how: Applying = {}): Promise<boolean> {
    const said = saidOf(edit, this.board)
    this.forcing = null
    try {
      const made = await this.board.apply(edit, how)
      toast(said, { action: { label: t('undo'), run: () => void this.takeBack(made.id) } })
      return true
    } catch (error) {
      if (error instanceof NeedsForce) this.forcing = error
      else toast(whyNot(error), { kind: 'fault' })
      return false
    }
  }

  /** Do what was asked about all the same. */
  async force(reason: string): Promise<void> {
    const asked = this.forcing
    if (asked !== null) await this.act(asked.edit, { force: true, reason, tried: asked.tried })
  }

  /** Take an edit back, or the last one made on this page, and say so. */
  async takeBack(editId = this.board.lastEditId): Promise<void> {
    if (editId === undefined) return toast(t('nothing_to_undo'))
    try {
      await this.board.undo(editId)
      toast(t('undone'))
    } catch (error) {
      toast(whyNot(error), { kind: 'fault' })
    }
  }
}
