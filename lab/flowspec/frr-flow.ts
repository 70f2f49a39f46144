// What FRR 8 prints for its FlowSpec rules, read back: `show bgp ipv4 flowspec detail json`.

import { z } from 'zod'
import { byNumber, type Range, rangesComponent } from '#lib/flowspec/build.ts'
import type { Action, BitmaskTest, BitmaskType, Component, Flow, NumericType } from '#lib/flowspec/rule.ts'
import { parsePrefix } from '#lib/ip/prefix.ts'

export interface FrrFlow {
  readonly flow: Flow
  /** `FS:rate 0.000000`. */
  readonly communities: string
}

const NUMBERS: Readonly<Record<string, NumericType>> = {
  proto: 'protocol',
  port: 'port',
  dstp: 'destination-port',
  srcp: 'source-port',
  type: 'icmp-type',
  code: 'icmp-code',
  pktlen: 'packet-length',
  dscp: 'dscp',
  flwlbl: 'flow-label',
}
const BITS: Readonly<Record<string, BitmaskType>> = { tcp: 'tcp-flags', pktfrag: 'fragment' }

const entrySchema = z.tuple([
  z.record(z.string(), z.string()),
  z.looseObject({ ecomlist: z.string().default('') }),
  z.looseObject({ time: z.string() }),
])

/** Throws what it cannot read. FRR prints one list after the other, with nothing between them. */
export function flowsOfFrr(text: string, family: 4 | 6): FrrFlow[] {
  const lists: unknown = JSON.parse(`[${text.trim().replace(/\]\s*\[/g, '],[')}]`)
  return z
    .array(entrySchema)
    .parse(lists)
    .map(([matched, { ecomlist }]) => {
      const components = Object.entries(matched).map(([name, value]) => componentOf(name, value.trim()))
      return { flow: { family, components: components.sort(byNumber) }, communities: ecomlist }
    })
}

function componentOf(name: string, value: string): Component {
  if (name === 'to' || name === 'from') {
    const [, text = '', offset = '0'] = /^(\S+?\/\d+)(?:\/off (\d+))?$/.exec(value) ?? []
    const prefix = parsePrefix(text)
    if (prefix === undefined) throw new Error(`no prefix of FRR: ${value}`)
    return { type: name === 'to' ? 'destination' : 'source', prefix, offset: Number(offset) }
  }
  const [numericType, bitmaskType] = [NUMBERS[name], BITS[name]]
  if (numericType !== undefined) return rangesComponent(numericType, rangesOf(value))
  if (bitmaskType === undefined) throw new Error(`no component of FRR: ${name}`)
  const anyOf = value.split(',|').map(tests => tests.split(',&').map(testOf))
  return { type: bitmaskType, anyOf }
}

/** A comma stands for "or", but for "and" between the two ends of a range. */
function rangesOf(value: string): Range[] {
  const ranges: Range[] = []
  const tests = value.split(' , ')
  for (let at = 0; at < tests.length; at++) {
    const [operator, number] = (tests[at] ?? '').split(' ')
    const from = Number(number)
    if (operator === '=') ranges.push({ from, to: from })
    else if (operator === '>=' && tests[at + 1]?.startsWith('<= ')) {
      at++
      ranges.push({ from, to: Number(tests[at]?.slice(3)) })
    } else throw new Error(`no range of FRR: ${value}`)
  }
  return ranges
}

function testOf(text: string): BitmaskTest {
  const [, match, not, bits] = /^(=|∋) (! )?(\d+)$/.exec(text) ?? []
  if (match === undefined) throw new Error(`no bits of FRR: ${text}`)
  return { isNot: not !== undefined, isMatchAll: match === '=', bits: Number(bits) }
}

/** What FRR prints for an action of ours; a rate in packets it does not know and tells as numbers of its type. */
export function communityOfFrr(action: Action): string {
  switch (action.kind) {
    case 'discard':
      return 'FS:rate 0.000000'
    case 'rate-bytes':
      return `FS:rate ${action.bytesPerSecond.toFixed(6)}`
    case 'rate-packets':
      return 'UNK:128, 12'
    default:
      throw new Error(`how FRR prints ${action.kind} is not known here`)
  }
}
