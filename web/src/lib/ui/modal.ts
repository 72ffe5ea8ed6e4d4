/** Modal dialogs of the browser itself: they keep the focus, Escape closes them, and what is behind is inert. */
import type { Attachment } from 'svelte/attachments'

/** Open a dialog as long as it is there; the focus goes back to where it was. */
export function modal(onClose: () => void): Attachment<HTMLDialogElement> {
  return (dialog) => {
    const before = document.activeElement
    const onCancel = (event: Event): void => {
      // Whoever shows the dialog decides when it goes.
      event.preventDefault()
      onClose()
    }
    dialog.addEventListener('cancel', onCancel)
    dialog.showModal()
    return () => {
      dialog.removeEventListener('cancel', onCancel)
      dialog.close()
      if (before instanceof HTMLElement && before.isConnected) before.focus()
    }
  }
}
