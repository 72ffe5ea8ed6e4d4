/** Who works by keys must not lose the place when what has the focus goes. */
import { tick } from 'svelte'
import type { Attachment } from 'svelte/attachments'

/** Whether nothing has the focus: browsers give it to the page when what had it is gone. */
export function isFocusLost(): boolean {
  return document.activeElement === null || document.activeElement === document.body
}

/** Once the page shows what has changed: give the focus to what is found, if it was lost. */
export async function rescueFocus(find: () => HTMLElement | null | undefined): Promise<void> {
  await tick()
  if (isFocusLost()) find()?.focus()
}

/** When what has the focus in an element goes, the element itself gets it; it needs `tabindex="-1"`. */
export const keepsFocus: Attachment<HTMLElement> = (place) => {
  let last: EventTarget | null = null
  const note = ({ target }: Event): void => void (last = target instanceof Node && place.contains(target) ? target : null)
  const observer = new MutationObserver(() => {
    if (last instanceof Node && !last.isConnected && isFocusLost()) place.focus()
  })
  observer.observe(place, { childList: true, subtree: true })
  for (const kind of ['focusin', 'pointerdown']) document.addEventListener(kind, note)
  return () => {
    observer.disconnect()
    for (const kind of ['focusin', 'pointerdown']) document.removeEventListener(kind, note)
  }
}
