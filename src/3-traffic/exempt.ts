// Which packets are left out of counting: those of remote addresses on the whitelist, and those that fit one of its rules.
//
// Decided once per packet, before it is counted, and only where there is anything to decide: without sources and rules
// nobody asks. Sources cost a binary search whatever their number, and of the rules only those are tried that fit by
// address or port.

import type { Sample } from '#2-decode/sample.ts'
import { type Prefix, parsePrefix } from '#lib/ip/prefix.ts'
import type { WhitelistRule } from './config.ts'
import { Ipv6Filter, swap32, wireWords } from './network-table.ts'
import { portsByProtocol } from './protocol-table.ts'
import { RuleFinder } from './rule-finder.ts'
import { type RULE_FRAGMENTS, RULE_PROTOCOLS, RULE_TCP_FLAGS } from './rule-words.ts'

export interface ExemptConfig {
  /** Prefixes of remote addresses, as text. */
  readonly whitelistSources: readonly string[]
  readonly whitelistRules: readonly WhitelistRule[]
}

/** Whether the packet in `sample`, decoded from `frame`, is left out; `vlan` is its outermost tag, 0 for none. */
export type Exempt = (sample: Sample, frame: DataView, vlan: number) => boolean

type Test = Exempt

/** `undefined`: nothing is left out. */
export function compileExempt({ whitelistSources, whitelistRules }: ExemptConfig): Exempt | undefined {
  const remote = whitelistSources.length === 0 ? undefined : remoteTest(whitelistSources)
  if (whitelistRules.length === 0) return remote
  const index = new RuleFinder(whitelistRules.map(rule => ({ rule, test: compileRule(rule) })))
  return (sample, frame, vlan) =>
    remote?.(sample, frame, vlan) === true || index.some(sample, test => test(sample, frame, vlan))
}

/** Either end of the packet is one of the addresses. */
function remoteTest(texts: readonly string[]): Test {
  const prefixes = texts.flatMap(text => parsePrefix(text) ?? [])
  const v4 = new Ipv4Ranges(prefixes)
  const v6 = new Ipv6Filter(prefixes)
  return s =>
    s.family === 4
      ? v4.holds(s.sourceA) || v4.holds(s.targetA)
      : v6.holds(s.sourceA, s.sourceB, s.sourceC, s.sourceD) ||
        v6.holds(s.targetA, s.targetB, s.targetC, s.targetD)
}

/** IPv4 prefixes as ranges that do not touch, by rising address. */
class Ipv4Ranges {
  readonly #begins: Float64Array
  readonly #ends: Float64Array

  constructor(prefixes: readonly Prefix[]) {
    const ranges: [begin: number, end: number][] = []
    const v4 = prefixes.filter(prefix => prefix.family === 4)
    for (const { value, length } of v4.toSorted((a, b) => Number(a.value - b.value))) {
      const [begin, end] = [Number(value), Number(value) + 2 ** (32 - length)]
      const last = ranges.at(-1)
      if (last !== undefined && begin <= last[1]) last[1] = Math.max(last[1], end)
      else ranges.push([begin, end])
    }
    this.#begins = Float64Array.from(ranges, ([begin]) => begin)
    this.#ends = Float64Array.from(ranges, ([, end]) => end)
  }

  /** `word` is the address as the wire has it, little-endian. */
  holds(word: number): boolean {
    const address = swap32(word) >>> 0
    let low = 0
    let high = this.#begins.length
    while (low < high) {
      const middle = (low + high) >>> 1
      if ((this.#begins[middle] ?? 0) > address) high = middle
      else low = middle + 1
    }
    return low > 0 && address < (this.#ends[low - 1] ?? 0)
  }
}

/** All keys that are given must fit; within a key any of its values. The cheapest are asked first. */
function compileRule(rule: WhitelistRule): Test {
  const { source_prefix, destination_prefix, source_ports, destination_ports } = rule
  const tests: Test[] = []
  if (rule.protocols !== undefined) tests.push(protocolTest(rule.protocols))
  if (source_prefix !== undefined) tests.push(prefixTest(source_prefix, 'source'))
  if (destination_prefix !== undefined) tests.push(prefixTest(destination_prefix, 'target'))
  if (source_ports !== undefined) tests.push(portTest(source_ports, 'source'))
  if (destination_ports !== undefined) tests.push(portTest(destination_ports, 'target'))
  if (rule.packet_lengths !== undefined) {
    const lengths = bitsOf(rule.packet_lengths)
    tests.push(s => hasBit(lengths, s.ipLength))
  }
  if (rule.vlans !== undefined) {
    const vlans = new Set(rule.vlans)
    tests.push((_, __, vlan) => vlans.has(vlan))
  }
  if (rule.tcp_flags !== undefined) tests.push(flagTest(rule.tcp_flags))
  if (rule.fragmentation_flags !== undefined) tests.push(fragmentTest(rule.fragmentation_flags))
  return (sample, frame, vlan) => {
    for (const test of tests) if (!test(sample, frame, vlan)) return false
    return true
  }
}

function protocolTest(names: NonNullable<WhitelistRule['protocols']>): Test {
  const wanted = new Uint8Array(256)
  for (const name of names) wanted[typeof name === 'number' ? name : RULE_PROTOCOLS[name]] = 1
  return s => wanted[s.protocol] === 1
}

function prefixTest(text: string, end: 'source' | 'target'): Test {
  const prefix = parsePrefix(text)
  if (prefix === undefined) return () => false
  const { family, value, length } = prefix
  const shift = family === 4 ? 96n : 0n
  const [a, b, c, d] = wireWords(value << shift)
  const all = (1n << 128n) - 1n
  const [maskA, maskB, maskC, maskD] = wireWords((all << BigInt(128 - length)) & all)
  if (end === 'source') {
    return s =>
      s.family === family &&
      (s.sourceA & maskA) === a &&
      (s.sourceB & maskB) === b &&
      (s.sourceC & maskC) === c &&
      (s.sourceD & maskD) === d
  }
  return s =>
    s.family === family &&
    (s.targetA & maskA) === a &&
    (s.targetB & maskB) === b &&
    (s.targetC & maskC) === c &&
    (s.targetD & maskD) === d
}

const HAS_PORTS = portsByProtocol()

/** Later fragments and protocols without ports have none, not port 0. */
function portTest(ports: readonly (number | string)[], end: 'source' | 'target'): Test {
  const wanted = bitsOf(ports)
  const known = (s: Sample) =>
    s.fragmentOffset === 0 &&
    HAS_PORTS[s.protocol] === 1 &&
    (s.isCut === 0 || s.sourcePort !== 0 || s.targetPort !== 0)
  return end === 'source'
    ? s => known(s) && hasBit(wanted, s.sourcePort)
    : s => known(s) && hasBit(wanted, s.targetPort)
}

/** Numbers from 0 to 65535 as a map of bits. */
function bitsOf(values: readonly (number | string)[]): Uint8Array {
  const bits = new Uint8Array(8192)
  for (const value of values) {
    const [from = 0, to = from] = String(value).split('-').map(Number)
    for (let at = from; at <= to; at++) bits[at >> 3] = (bits[at >> 3] ?? 0) | (1 << (at & 7))
  }
  return bits
}

const hasBit = (bits: Uint8Array, at: number): boolean => (((bits[at >> 3] ?? 0) >>> (at & 7)) & 1) === 1

const TCP = 6

/** The first name is the lowest bit (RFC 9293 3.1). */
const FLAG_BITS: ReadonlyMap<string, number> = new Map(RULE_TCP_FLAGS.map((name, bit) => [name, 1 << bit]))

function flagTest(sets: readonly string[]): Test {
  const wanted = sets.map(text =>
    text.split('|').reduce((bits, name) => bits | (FLAG_BITS.get(name) ?? 0), 0),
  )
  return s => s.protocol === TCP && wanted.some(bits => (s.tcpFlags & bits) === bits)
}

const FRAGMENT_TESTS: Readonly<Record<(typeof RULE_FRAGMENTS)[number], Test>> = {
  'is-fragment': s => s.isFragment === 1,
  'not-a-fragment': s => s.isFragment === 0,
  'first-fragment': s => s.isFragment === 1 && s.fragmentOffset === 0,
  'dont-fragment': (s, frame) => s.family === 4 && (flagsOf(s, frame) & 0x40) !== 0,
  'last-fragment': (s, frame) => s.family === 4 && s.fragmentOffset !== 0 && (flagsOf(s, frame) & 0x20) === 0,
}

function fragmentTest(names: readonly (typeof RULE_FRAGMENTS)[number][]): Test {
  const tests = names.map(name => FRAGMENT_TESTS[name])
  return (sample, frame, vlan) => tests.some(test => test(sample, frame, vlan))
}

/** The byte of the IPv4 header that holds the flags (RFC 791 3.1). */
const flagsOf = (s: Sample, frame: DataView): number => frame.getUint8(s.ipOffset + 6)
