// Questions before something is done: each is answered on the last line, and the order is confirmed at the end.

import { parseDuration } from '#lib/clock/duration.ts'
import { formatAddress, parseAddress } from '#lib/ip/address.ts'
import { isText, type Key } from '../input.ts'

/** What is done when a dialog ends with a yes. */
export type Order =
  | { readonly kind: 'ban'; readonly host: string; readonly seconds?: number; readonly reason?: string }
  | { readonly kind: 'unban'; readonly target: string; readonly reason?: string }
  | { readonly kind: 'withdraw'; readonly id: string; readonly target: string; readonly reason?: string }

export interface Dialog {
  readonly order: Order
  /** What is asked for now; `confirm` is the last. */
  readonly asks: Ask
  readonly text: string
  /** Why the last answer cannot be used. */
  readonly problem: string | undefined
}

type Ask = 'host' | 'seconds' | 'reason' | 'confirm'

export type Answered =
  | { readonly kind: 'open'; readonly dialog: Dialog }
  | { readonly kind: 'cancelled' }
  | { readonly kind: 'ordered'; readonly order: Order }

const REASON_CHARACTERS = 200
const TEXT_CHARACTERS = 200

/** `host` is what is proposed; it may be empty. */
export const banDialog = (host: string): Dialog => opened({ kind: 'ban', host }, 'host', host)
export const unbanDialog = (target: string): Dialog => opened({ kind: 'unban', target }, 'reason', '')
export const withdrawDialog = (id: string, target: string): Dialog =>
  opened({ kind: 'withdraw', id, target }, 'reason', '')

const opened = (order: Order, asks: Ask, text: string): Dialog => ({ order, asks, text, problem: undefined })

/** The dialog after a key. Escape cancels it at every question. */
export function answer(dialog: Dialog, key: Key): Answered {
  if (key === '<escape>') return { kind: 'cancelled' }
  if (dialog.asks === 'confirm') {
    if (key === 'y' || key === 'Y') return { kind: 'ordered', order: dialog.order }
    return key === 'n' || key === 'N' ? { kind: 'cancelled' } : { kind: 'open', dialog }
  }
  if (key === '<enter>') return { kind: 'open', dialog: entered(dialog) }
  return { kind: 'open', dialog: { ...dialog, text: typed(dialog.text, key), problem: undefined } }
}

/** A line of text after a key. */
export function typed(text: string, key: Key): string {
  if (key === '<backspace>') return [...text].slice(0, -1).join('')
  if (key === '<clear-line>') return ''
  return isText(key) && text.length < TEXT_CHARACTERS ? text + key : text
}

function entered(dialog: Dialog): Dialog {
  const text = dialog.text.trim()
  const { order } = dialog
  const next = (order: Order, asks: Ask): Dialog => ({ order, asks, text: '', problem: undefined })
  if (dialog.asks === 'host' && order.kind === 'ban') {
    const address = parseAddress(text)
    if (address === undefined)
      return { ...dialog, problem: 'expected an address such as 192.0.2.1 or 2001:db8::1' }
    return next({ ...order, host: formatAddress(address) }, 'seconds')
  }
  if (dialog.asks === 'seconds' && order.kind === 'ban') {
    if (text === '') return next(order, 'reason')
    const seconds = text === '0' ? 0 : parseDuration(text)
    if (seconds === undefined)
      return { ...dialog, problem: 'expected a duration such as 600, 10m, 2h or 1d, or 0' }
    return next({ ...order, seconds }, 'reason')
  }
  const reason = text.slice(0, REASON_CHARACTERS)
  return next(reason === '' ? order : { ...order, reason }, 'confirm')
}

/** The last line while it is open. */
export function dialogText({ order, asks, text, problem }: Dialog): string {
  const before = problem === undefined ? '' : `${problem}. `
  switch (asks) {
    case 'host':
      return `${before}Ban host: ${text}_`
    case 'seconds':
      return `${before}For how long (600, 10m, 2h; 0: until somebody ends it; empty: as configured): ${text}_`
    case 'reason':
      return `${before}Why, for the audit (may be empty): ${text}_`
    case 'confirm':
      return `${orderText(order)}? y yes, n no`
  }
}

/** An order in words. */
export function orderText(order: Order): string {
  const why = order.reason === undefined ? '' : ` (${order.reason})`
  if (order.kind === 'unban') return `End the ban of ${order.target}${why}`
  if (order.kind === 'withdraw') return `Withdraw ${order.id}, which protects ${order.target}${why}`
  const { host, seconds } = order
  const long = seconds === undefined ? '' : seconds === 0 ? ' until somebody ends it' : ` for ${seconds} s`
  return `Ban ${host}${long}${why}`
}
