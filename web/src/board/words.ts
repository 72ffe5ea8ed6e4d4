/** Texts of the panes beside the timeline, which come after it. */
import { texts } from '../lib/i18n'
import * as detail from './words/detail'
import * as lists from './words/lists'

const en = { ...lists.en, ...detail.en }

export type Word = keyof typeof en
export const w = texts(en, { ...lists.de, ...detail.de })
