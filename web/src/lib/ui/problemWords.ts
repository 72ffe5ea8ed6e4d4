/** How a page speaks of what went wrong; pages of staff show the words of the API itself, with the place of each fault. */
import { getContext, setContext } from 'svelte'
import type { ApiError, Fault } from '../api/client'

export interface ProblemWords {
  say(error: ApiError): string
  sayFault(fault: Fault): string
  /** Whether the field that is wrong, or else what is said, gets the focus. */
  takesFocus: boolean
}

const KEY = Symbol('problem words')

/** Let everything below the present component speak so. */
export function speak(words: ProblemWords): void {
  setContext(KEY, words)
}

/** The words of the page around the present component; undefined = those of the API. */
export function spoken(): ProblemWords | undefined {
  return getContext<ProblemWords | undefined>(KEY)
}
