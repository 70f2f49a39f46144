// What a key does: the state after it, and what is asked of the daemon because of it.

import { SORTS } from '#api/contract/values.ts'
import { isText, type Key } from '../input.ts'
import { answer, banDialog, type Dialog, type Order, typed, unbanDialog, withdrawDialog } from './dialog.ts'
import { ORDERS, type Row, rowsOf } from './rows.ts'
import { type ConsoleState, type Facts, PANES, type Pane } from './state.ts'

export type Wish =
  | { readonly kind: 'quit' }
  /** Ask the daemon now and not at the next turn. */
  | { readonly kind: 'look' }
  | { readonly kind: 'order'; readonly order: Order }

export interface Updated {
  readonly state: ConsoleState
  readonly wish?: Wish
}

/** Rows a page has; the screen knows it only about. */
const PAGE = 10
export const LIMIT_MAX = 100

/** `Ctrl-C` ends the console wherever it is; all else is for what lies on top. */
export function update(before: ConsoleState, facts: Facts, key: Key): Updated {
  const state = before.notice === undefined ? before : { ...before, notice: undefined }
  if (key === '<interrupt>' || key === '<end-of-input>') return { state, wish: { kind: 'quit' } }
  switch (state.over?.kind) {
    case 'dialog':
      return inDialog(state, state.over.dialog, key)
    case 'filter':
      return { state: inFilter(state, state.over.text, key) }
    case 'help':
      return { state: { ...state, over: undefined } }
    case 'details':
      return inDetails(state, facts, state.over, key)
    case undefined:
      return inPane(state, facts, key)
  }
}

function inDialog(state: ConsoleState, dialog: Dialog, key: Key): Updated {
  const answered = answer(dialog, key)
  if (answered.kind === 'open')
    return { state: { ...state, over: { kind: 'dialog', dialog: answered.dialog } } }
  const closed = { ...state, over: undefined }
  if (answered.kind === 'cancelled') return { state: { ...closed, notice: 'Nothing was done.' } }
  return { state: closed, wish: { kind: 'order', order: answered.order } }
}

function inFilter(state: ConsoleState, text: string, key: Key): ConsoleState {
  if (key === '<escape>') return { ...state, over: undefined, filter: '' }
  if (key === '<enter>') return { ...state, over: undefined }
  // It holds while it is typed.
  const filter = typed(text, key)
  return { ...state, filter, over: { kind: 'filter', text: filter } }
}

type Details = Extract<NonNullable<ConsoleState['over']>, { kind: 'details' }>

function inDetails(state: ConsoleState, facts: Facts, over: Details, key: Key): Updated {
  const step = STEPS[key]
  if (step !== undefined) {
    const scroll = Math.max(0, Math.min(SCROLL_MAX, over.scroll + step))
    return { state: { ...state, over: { ...over, scroll } } }
  }
  const row = rowsOf(state, facts).find(each => each.key === over.key)
  const acted = row && acting(state, row, key)
  if (acted !== undefined) return acted
  const isClosing = key === '<escape>' || key === '<enter>' || key === 'q' || key === '<backspace>'
  return { state: isClosing ? { ...state, over: undefined } : state }
}

/** Lines of details beyond which nobody scrolls; `withinReach` of the screen knows how many there are. */
const SCROLL_MAX = 10_000
const STEPS: Readonly<Record<Key, number>> = {
  ...{ '<up>': -1, k: -1, '<down>': 1, j: 1, '<page-up>': -PAGE, '<page-down>': PAGE },
  ...{ '<home>': -Number.MAX_SAFE_INTEGER, '<end>': Number.MAX_SAFE_INTEGER },
}

function inPane(state: ConsoleState, facts: Facts, key: Key): Updated {
  const { pane } = state
  const rows = rowsOf(state, facts)
  const at = chosenAt(state, rows)
  const step = STEPS[key]
  if (step !== undefined) {
    const next = rows[Math.max(0, Math.min(rows.length - 1, at + step))]
    return { state: next === undefined ? state : { ...state, chosen: { ...state.chosen, [pane]: next.key } } }
  }
  const row = rows[at]
  if (key === '<enter>' || key === '<right>') {
    if (row === undefined) return { state }
    return { state: { ...state, over: { kind: 'details', key: row.key, scroll: 0 } }, wish: { kind: 'look' } }
  }
  return acting(state, row, key) ?? moving(state, key) ?? { state }
}

/** Position of the chosen row; the first when there is none any more, -1 without rows. */
export function chosenAt({ chosen, pane }: ConsoleState, rows: readonly Row[]): number {
  const at = rows.findIndex(({ key }) => key === chosen[pane])
  return at >= 0 ? at : Math.min(0, rows.length - 1)
}

/** Capital letters change something; each begins with a question. */
function acting(state: ConsoleState, row: Row | undefined, key: Key): Updated | undefined {
  const ask = (dialog: Dialog): Updated => ({ state: { ...state, over: { kind: 'dialog', dialog } } })
  const missing = (notice: string): Updated => ({ state: { ...state, notice } })
  if (key === 'B') return ask(banDialog(row?.banned === undefined ? (row?.host ?? '') : ''))
  if (key === 'U')
    return row?.banned === undefined
      ? missing('No ban is chosen: nothing to end.')
      : ask(unbanDialog(row.banned))
  if (key !== 'W') return undefined
  const { mitigation } = row ?? {}
  return mitigation === undefined
    ? missing('No live mitigation is chosen: nothing to withdraw.')
    : ask(withdrawDialog(mitigation.id, mitigation.target))
}

/** Between panes, orders and filters. */
function moving(state: ConsoleState, key: Key): Updated | undefined {
  const to = (pane: Pane | undefined): Updated | undefined =>
    pane && { state: { ...state, pane }, wish: { kind: 'look' } }
  const at = PANES.indexOf(state.pane)
  if (/^[1-4]$/.test(key)) return to(PANES[Number(key) - 1])
  switch (key) {
    case 'q':
      return { state, wish: { kind: 'quit' } }
    case '<tab>':
      return to(PANES[(at + 1) % PANES.length])
    case '<back-tab>':
      return to(PANES[(at + PANES.length - 1) % PANES.length])
    case '?':
    case 'h':
      return { state: { ...state, over: { kind: 'help' } } }
    case '/':
      return { state: { ...state, over: { kind: 'filter', text: state.filter } } }
    case '<escape>':
      return { state: { ...state, filter: '' } }
    case 'a':
      return { state: { ...state, isAll: !state.isAll }, wish: { kind: 'look' } }
    case 'r':
    case '<redraw>':
      return { state, wish: { kind: 'look' } }
    default:
      return sorting(state, key)
  }
}

function sorting(state: ConsoleState, key: Key): Updated | undefined {
  const { pane } = state
  const bySort = (sort: ConsoleState['sort'] | undefined): Updated | undefined =>
    sort && { state: { ...state, sort }, wish: { kind: 'look' } }
  if (pane !== 'traffic') {
    if (key !== 's') return undefined
    const next = (state.orders[pane] + 1) % ORDERS[pane].length
    return { state: { ...state, orders: { ...state.orders, [pane]: next } } }
  }
  if (key === 's') return bySort(SORTS[(SORTS.indexOf(state.sort) + 1) % SORTS.length])
  if (key === '+' || key === '=' || key === '-') {
    const limit = Math.max(
      1,
      Math.min(Math.max(LIMIT_MAX, state.limit), state.limit + (key === '-' ? -1 : 1)),
    )
    return { state: { ...state, limit }, wish: { kind: 'look' } }
  }
  return isText(key)
    ? bySort(SORTS.find(sort => sort.startsWith(key.toLowerCase()) && key !== 'B'))
    : undefined
}
