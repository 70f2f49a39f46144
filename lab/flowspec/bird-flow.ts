// What BIRD 2 prints for a FlowSpec rule, read back: `flow4 { dst 192.0.2.1/32; proto 17; length 64,200..300; }`.

import { byNumber, type Range, rangesComponent } from '#lib/flowspec/build.ts'
import { encodeActions } from '#lib/flowspec/communities.ts'
import {
  type Action,
  type BitmaskTest,
  type BitmaskType,
  type Component,
  type Flow,
  FRAGMENT_BITS,
  type NumericType,
  type PrefixType,
} from '#lib/flowspec/rule.ts'
import { parsePrefix } from '#lib/ip/prefix.ts'

const PREFIXES: Readonly<Record<string, PrefixType>> = { dst: 'destination', src: 'source' }
const NUMBERS: Readonly<Record<string, NumericType>> = {
  proto: 'protocol',
  'next header': 'protocol',
  port: 'port',
  dport: 'destination-port',
  sport: 'source-port',
  'icmp type': 'icmp-type',
  'icmp code': 'icmp-code',
  length: 'packet-length',
  dscp: 'dscp',
  label: 'flow-label',
}
const BITS: Readonly<Record<string, BitmaskType>> = { 'tcp flags': 'tcp-flags', fragment: 'fragment' }

const FRAGMENTS: Readonly<Record<string, number>> = {
  dont_fragment: FRAGMENT_BITS['dont-fragment'],
  is_fragment: FRAGMENT_BITS['is-fragment'],
  first_fragment: FRAGMENT_BITS.first,
  last_fragment: FRAGMENT_BITS.last,
}

/** Throws what it cannot read. */
export function flowOfBird(text: string): Flow {
  const [, family, body = ''] = /^flow([46]) \{ (.*) \}$/.exec(text) ?? []
  if (family === undefined) throw new Error(`no flow of BIRD: ${text}`)
  const parts = body.split(';').map(part => part.trim())
  const components = parts.filter(part => part !== '').map(componentOf)
  return { family: family === '4' ? 4 : 6, components: components.sort(byNumber) }
}

function componentOf(part: string): Component {
  const names = [...Object.keys(PREFIXES), ...Object.keys(NUMBERS), ...Object.keys(BITS)]
  const name = names.find(one => part.startsWith(`${one} `)) ?? ''
  const value = part.slice(name.length + 1)
  const [prefixType, numericType, bitmaskType] = [PREFIXES[name], NUMBERS[name], BITS[name]]
  if (prefixType !== undefined) {
    const prefix = parsePrefix(value)
    if (prefix === undefined) throw new Error(`no prefix of BIRD: ${part}`)
    return { type: prefixType, prefix, offset: 0 }
  }
  if (numericType !== undefined) return rangesComponent(numericType, value.split(',').map(rangeOf))
  if (bitmaskType === undefined) throw new Error(`no component of BIRD: ${part}`)
  const anyOf = value.split(' || ').map(tests => tests.split(' && ').map(testOf))
  return { type: bitmaskType, anyOf }
}

function rangeOf(text: string): Range {
  const [, from, to = from] = /^(\d+)(?:\.\.(\d+))?$/.exec(text) ?? []
  if (from === undefined) throw new Error(`no range of BIRD: ${text}`)
  return { from: Number(from), to: Number(to) }
}

/** `0x2/0x2` are bits that are set, `0x0/0x2` bits of which none is. */
function testOf(text: string): BitmaskTest {
  const isNot = text.startsWith('!')
  const [value = '', mask] = text.slice(isNot ? 1 : 0).split('/')
  const bits = mask === undefined ? FRAGMENTS[value] : Number(mask)
  if (bits === undefined || Number.isNaN(bits)) throw new Error(`no bits of BIRD: ${text}`)
  if (mask === undefined || Number(value) === bits) return { isNot, isMatchAll: true, bits }
  if (Number(value) === 0) return { isNot: !isNot, isMatchAll: false, bits }
  throw new Error(`bits of which some are set and some are not: ${text}`)
}

/** What BIRD prints for these, of the generic type 0x80: two words for each community. */
export const communitiesOfBird = (actions: readonly Action[]): string =>
  encodeActions(actions)
    .extended.map(octets => {
      const view = new DataView(octets.buffer, octets.byteOffset)
      return `(generic, 0x${view.getUint32(0).toString(16)}, 0x${view.getUint32(4).toString(16)})`
    })
    .join(' ')
