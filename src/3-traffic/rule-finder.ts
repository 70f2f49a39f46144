// Finds the few rules that can fit a packet at all, by the most telling of their keys, so that many cost what a few do.
//
// Each rule stands in one table: by destination prefix, else source prefix, else destination port, else source port.
// Rules without any of these are always asked.

import type { Sample } from '#2-decode/sample.ts'
import { type Prefix, parsePrefix } from '#lib/ip/prefix.ts'
import type { WhitelistRule } from './config.ts'
import { swap32 } from './network-table.ts'

/** Ranges with a value each: which of them hold a number. By rising begin, so a look-up is a binary search. */
export class RangeTable<Value> {
  readonly #begins: Float64Array
  readonly #values: readonly (readonly Value[])[]

  /** `end` is the first number behind a range. */
  constructor(ranges: readonly { readonly begin: number; readonly end: number; readonly value: Value }[]) {
    const edges = [...new Set(ranges.flatMap(({ begin, end }) => [begin, end]))].sort((a, b) => a - b)
    this.#begins = Float64Array.from(edges)
    this.#values = edges.map(edge =>
      ranges.filter(({ begin, end }) => begin <= edge && edge < end).map(({ value }) => value),
    )
  }

  at(number: number): readonly Value[] {
    const begins = this.#begins
    let low = 0
    let high = begins.length
    while (low < high) {
      const middle = (low + high) >>> 1
      if (begins[middle]! > number) high = middle
      else low = middle + 1
    }
    return low === 0 ? NOTHING : this.#values[low - 1]!
  }
}

const NOTHING: readonly never[] = []

/** A rule, compiled to `test`. */
interface Entry<Test> {
  readonly rule: WhitelistRule
  readonly test: Test
}

/** Tells whether a test fits the packet that is asked about. */
type Asked<Test> = (test: Test) => boolean

export class RuleFinder<Test> {
  readonly #targets: PrefixTable<Test>
  readonly #sources: PrefixTable<Test>
  readonly #targetPorts: RangeTable<Test>
  readonly #sourcePorts: RangeTable<Test>
  /** Rules that could fit any packet. */
  readonly #always: readonly Test[]

  constructor(entries: readonly Entry<Test>[]) {
    const byKey = Map.groupBy(entries, ({ rule }) => KEYS.find(key => rule[key] !== undefined))
    const of = (key: (typeof KEYS)[number]) => byKey.get(key) ?? []
    this.#targets = new PrefixTable(of('destination_prefix'), 'destination_prefix')
    this.#sources = new PrefixTable(of('source_prefix'), 'source_prefix')
    this.#targetPorts = new RangeTable(portRanges(of('destination_ports'), 'destination_ports'))
    this.#sourcePorts = new RangeTable(portRanges(of('source_ports'), 'source_ports'))
    this.#always = (byKey.get(undefined) ?? []).map(({ test }) => test)
  }

  /** Whether any of the rules that can fit the packet does; `asked` is asked about each of these. */
  some(s: Sample, asked: Asked<Test>): boolean {
    return (
      (s.family === 4 ? this.#some4(s, asked) : this.#some6(s, asked)) ||
      any(this.#targetPorts.at(s.targetPort), asked) ||
      any(this.#sourcePorts.at(s.sourcePort), asked) ||
      any(this.#always, asked)
    )
  }

  #some4(s: Sample, asked: Asked<Test>): boolean {
    return any(this.#targets.v4(s.targetA), asked) || any(this.#sources.v4(s.sourceA), asked)
  }

  #some6(s: Sample, asked: Asked<Test>): boolean {
    return (
      any(this.#targets.v6(s.targetA, s.targetB), asked) ||
      any(this.#targets.host6(s.targetC, s.targetD), asked) ||
      any(this.#sources.v6(s.sourceA, s.sourceB), asked) ||
      any(this.#sources.host6(s.sourceC, s.sourceD), asked)
    )
  }
}

function any<Test>(tests: readonly Test[], asked: Asked<Test>): boolean {
  for (const test of tests) if (asked(test)) return true
  return false
}

const KEYS = ['destination_prefix', 'source_prefix', 'destination_ports', 'source_ports'] as const

/**
 * Tests by a prefix, or rather by a number that holds enough of it: of IPv4 the address, of IPv6 the first 53 bits, of
 * single IPv6 hosts the last 53, which are what tells the hosts of one network apart.
 */
class PrefixTable<Test> {
  readonly #v4: RangeTable<Test>
  readonly #v6: RangeTable<Test>
  readonly #hosts6: RangeTable<Test>

  constructor(entries: readonly Entry<Test>[], key: 'destination_prefix' | 'source_prefix') {
    const v4: Range<Test>[] = []
    const v6: Range<Test>[] = []
    const hosts6: Range<Test>[] = []
    for (const { rule, test } of entries) {
      const prefix = parsePrefix(rule[key] ?? '')
      if (prefix === undefined) continue
      const ranges = prefix.family === 4 ? v4 : prefix.length === 128 ? hosts6 : v6
      ranges.push({ ...rangeOf(prefix), value: test })
    }
    this.#v4 = new RangeTable(v4)
    this.#v6 = new RangeTable(v6)
    this.#hosts6 = new RangeTable(hosts6)
  }

  v4(a: number): readonly Test[] {
    return this.#v4.at(swap32(a) >>> 0)
  }

  v6(a: number, b: number): readonly Test[] {
    return this.#v6.at((swap32(a) >>> 0) * 2 ** 21 + (swap32(b) >>> 11))
  }

  host6(c: number, d: number): readonly Test[] {
    return this.#hosts6.at((swap32(c) & 0x1f_ffff) * 2 ** 32 + (swap32(d) >>> 0))
  }
}

interface Range<Test> {
  readonly begin: number
  readonly end: number
  readonly value: Test
}

const NUMBER_BITS = 53

function rangeOf({ family, value, length }: Prefix): { readonly begin: number; readonly end: number } {
  if (length === 128) {
    const begin = Number(value & ((1n << 53n) - 1n))
    return { begin, end: begin + 1 }
  }
  const bits = family === 4 ? 32 : NUMBER_BITS
  const begin = Number(family === 4 ? value : value >> BigInt(128 - bits))
  return { begin, end: begin + 2 ** Math.max(0, bits - length) }
}

function portRanges<Test>(
  entries: readonly Entry<Test>[],
  key: 'destination_ports' | 'source_ports',
): Range<Test>[] {
  return entries.flatMap(({ rule, test }) =>
    mergedPorts(rule[key] ?? []).map(range => ({ ...range, value: test })),
  )
}

/** Ranges that do not touch: a rule stands once at each port. */
function mergedPorts(ports: readonly (number | string)[]): { begin: number; end: number }[] {
  const ranges = ports
    .map(port => {
      const [from = 0, to = from] = String(port).split('-').map(Number)
      return { begin: from, end: to + 1 }
    })
    .sort((a, b) => a.begin - b.begin)
  const merged: { begin: number; end: number }[] = []
  for (const range of ranges) {
    const last = merged.at(-1)
    if (last !== undefined && range.begin <= last.end) last.end = Math.max(last.end, range.end)
    else merged.push(range)
  }
  return merged
}
