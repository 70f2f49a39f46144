// Reads what stands after `then` (docs/reference/flowspec.md).

import { parseAddress } from '#lib/ip/address.ts'
import type { Action, RouteTarget } from './rule.ts'
import { fail, type Parsed, type Words } from './words.ts'

const FORMS: readonly [form: RegExp, read: (parts: readonly string[]) => Action | undefined][] = [
  [/^discard$/, () => ({ kind: 'discard' })],
  [
    /^rate (\d[\d.]*(?:e[+-]?\d{1,3})?) bytes\/s(?: as (\d{1,5}))?$/,
    ([rate, asn = 0]) => ({ kind: 'rate-bytes', bytesPerSecond: Number(rate), asn: Number(asn) }),
  ],
  [
    /^rate (\d[\d.]*(?:e[+-]?\d{1,3})?) packets\/s(?: as (\d{1,5}))?$/,
    ([rate, asn = 0]) => ({ kind: 'rate-packets', packetsPerSecond: Number(rate), asn: Number(asn) }),
  ],
  [
    /^action (none|sample|terminal|sample\+terminal)$/,
    ([bits = '']) => ({
      kind: 'traffic-action',
      isSampled: bits.startsWith('sample'),
      isTerminal: bits.endsWith('terminal'),
    }),
  ],
  [/^redirect (\S+):(\d{1,10})$/, ([host = '', number]) => redirectOf(host, Number(number))],
  [/^redirect-ip (\S+)( copy)?$/, ([text = '', copy]) => redirectIpOf(text, copy !== undefined)],
  [/^mark (\d{1,3})$/, ([dscp]) => ({ kind: 'mark', dscp: Number(dscp) })],
]

const ADVICE =
  'use discard, rate N bytes/s, rate N packets/s, action sample+terminal, redirect 65000:100, redirect-ip ADDRESS or mark DSCP, with commas between'

/** Actions up to the end of the line; none are fine for what only matches. */
export function parseActions(words: Words): Parsed<Action[]> {
  const actions: Action[] = []
  let phrase: string[] = []
  let column = words.column
  for (const { text, column: at } of [...words.rest(), { text: ',', column: -1 }]) {
    if (text !== ',') {
      if (phrase.length === 0) column = at
      phrase.push(text)
      continue
    }
    if (phrase.length === 0 && actions.length === 0 && at === -1) break
    const action = actionOf(phrase.join(' '))
    if (action === undefined) return fail(column, `"${phrase.join(' ')}" is no action`, ADVICE)
    actions.push(action)
    phrase = []
  }
  return { kind: 'parsed', value: actions }
}

function actionOf(phrase: string): Action | undefined {
  for (const [form, read] of FORMS) {
    const found = form.exec(phrase)
    if (found !== null) return read(found.slice(1))
  }
  return undefined
}

function redirectOf(host: string, number: number): Action | undefined {
  const target = targetOf(host, number)
  return target && { kind: 'redirect', target }
}

function targetOf(host: string, number: number): RouteTarget | undefined {
  if (/^\d{1,10}L?$/.test(host)) {
    const asn = Number.parseInt(host, 10)
    return { kind: host.endsWith('L') || asn > 65_535 ? 'as4' : 'as2', asn, number }
  }
  const address = parseAddress(host.replace(/^\[(.*)\]$/, '$1'))
  return address && { kind: 'address', address, number }
}

function redirectIpOf(text: string, isCopy: boolean): Action | undefined {
  const address = parseAddress(text)
  return address && { kind: 'redirect-ip', address, isCopy }
}
