/** Edits by drag and by key: said when made, asked about when they break something, explained when they fail. */
import { toast } from '../lib/ui/toasts.svelte'
import type { Edit } from './edits'
import { saidOf, whyNot } from './say'
import { type Applying, type Board, NeedsForce } from './store.svelte'
import { t } from './texts'

export class Acting {
  /** The edit that somebody has to give a reason for, or let go. */
  forcing: NeedsForce | null = $state.raw(null)
  #answer: ((isMade: boolean) => void) | null = null

  constructor(private readonly board: Board) {}

  /** Make an edit; tells whether it was made, after all if somebody had to insist. */
  async act(edit: Edit, how: Applying = {}): Promise<boolean> {
    const said = saidOf(edit, this.board)
    this.letGo()
    try {
      const made = await this.board.apply(edit, how)
      toast(said, { action: { label: t('undo'), run: () => void this.takeBack(made.id) } })
      return true
    } catch (error) {
      if (error instanceof NeedsForce) return this.#ask(error)
      toast(whyNot(error), { kind: 'fault' })
      return false
    }
  }

  #ask(asked: NeedsForce): Promise<boolean> {
    this.forcing = asked
    return new Promise((resolve) => (this.#answer = resolve))
  }

  /** Do what was asked about all the same. */
  async force(reason: string): Promise<void> {
    const [asked, answer] = [this.forcing, this.#answer]
    if (asked === null) return
    this.#answer = null
    answer?.(await this.act(asked.edit, { force: true, reason, tried: asked.tried }))
  }

  /** Do not do what was asked about. */
  letGo(): void {
    this.forcing = null
    this.#answer?.(false)
    this.#answer = null
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
