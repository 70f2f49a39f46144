// What is common to the lines of a dump, as DDPS's decode-attack takes it: the lowest common denominator of each field.
//
// Its defects are put right. Ranges are an AND of both ends, lengths begin with none, flags are those of every line,
// "fragment" is a word, and the protocol is that of most lines.

import { rangesComponent } from '#lib/flowspec/build.ts'
import { BIT_WORDS } from '#lib/flowspec/router-words.ts'
import {
  type BitmaskComponent,
  FRAGMENT_BITS,
  type NumericComponent,
  type NumericType,
} from '#lib/flowspec/rule.ts'
import { NUMERIC_FIELDS } from '../to-rule.ts'
import type { DdpsDistilling } from './settings.ts'

/** A component and the sentence that says why. */
export interface Chosen<Part> {
  readonly component: Part
  readonly because: string
}

/** Clients have any port from here on: a range of them tells what was seen, and not what comes. */
const CLIENT_PORTS = 1024

/** A field of numbers; `undefined`: no filter on it. Values are those of the lines that tell one. */
export function commonNumber(
  type: keyof typeof WORDS,
  values: readonly number[],
  settings: DdpsDistilling,
): Chosen<NumericComponent> | undefined {
  if (values.length === 0) return undefined
  const bounds = boundsOf(type)
  const least = values.reduce((a, b) => Math.min(a, b))
  const most = values.reduce((a, b) => Math.max(a, b))
  if (least === most && least >= bounds.least && most <= bounds.most)
    return {
      component: rangesComponent(type, [{ from: least, to: least }]),
      because: `${WORDS[type]} is ${least} in each of ${values.length} lines`,
    }
  return settings.fields === 'values' ? topValues(type, values, settings) : range(type, least, most)
}

const WORDS = {
  'destination-port': 'the destination port',
  'source-port': 'the source port',
  'packet-length': 'the length',
  'icmp-type': 'the ICMP type',
  'icmp-code': 'the ICMP code',
} as const satisfies Partial<Record<NumericType, string>>

/** What DDPS can say of the field. */
const boundsOf = (type: keyof typeof WORDS) =>
  Object.values(NUMERIC_FIELDS).find(field => field.type === type) ?? { least: 0, most: 65_535 }

/** An end that DDPS cannot write is left open, so the range matches no less. */
function range(type: keyof typeof WORDS, least: number, most: number): Chosen<NumericComponent> | undefined {
  if (type === 'source-port' && most >= CLIENT_PORTS) return undefined
  const bounds = boundsOf(type)
  // Where all is beyond a bound, the bound itself is the nearest that can be written.
  const lower =
    least >= bounds.least ? [{ operator: '>=', value: Math.min(least, bounds.most) } as const] : []
  const upper = most <= bounds.most ? [{ operator: '<=', value: Math.max(most, bounds.least) } as const] : []
  const tests = [...lower, ...upper]
  return tests.length === 0
    ? undefined
    : { component: { type, anyOf: [tests] }, because: `${WORDS[type]} is ${least} to ${most}` }
}

/** The refinement: the values that come most often, if together they are enough of the lines. */
function topValues(
  type: keyof typeof WORDS,
  values: readonly number[],
  { valuesMax, valuesShare }: DdpsDistilling,
): Chosen<NumericComponent> | undefined {
  const bounds = boundsOf(type)
  const counts = Map.groupBy(values, value => value)
  const top = [...counts]
    .map(([value, all]) => ({ value, count: all.length }))
    .filter(({ value }) => value >= bounds.least && value <= bounds.most)
    .sort((a, b) => b.count - a.count || a.value - b.value)
    .slice(0, valuesMax)
  const covered = top.reduce((sum, { count }) => sum + count, 0) / values.length
  if (top.length === 0 || covered <= valuesShare) return undefined
  const ranges = top.map(({ value }) => ({ from: value, to: value })).sort((a, b) => a.from - b.from)
  return {
    component: rangesComponent(type, ranges),
    because: `${WORDS[type]} has one of ${top.length} values in ${Math.round(covered * 100)} % of ${values.length} lines`,
  }
}

/** Flags that every line has; several stand beside each other as DDPS does it, where a router takes any of them. */
export function commonFlags(lines: readonly number[]): Chosen<BitmaskComponent> | undefined {
  const common = lines.reduce((bits, flags) => bits & flags, 0xfff)
  const flags = Object.entries(BIT_WORDS['tcp-flags']).filter(([, bit]) => (common & bit) !== 0)
  if (lines.length === 0 || flags.length === 0) return undefined
  const names = flags.map(([name]) => name)
  const note = names.length > 1 ? ' (DDPS takes several as any of them)' : ''
  return {
    component: {
      type: 'tcp-flags',
      anyOf: flags.map(([, bits]) => [{ isNot: false, isMatchAll: true, bits }]),
    },
    because: `${names.join(' and ')} ${names.length === 1 ? 'is' : 'are'} set in each of ${lines.length} lines${note}`,
  }
}

/**
 * When most lines are fragments. "is-fragment" is every one but the first, so where first ones were seen they are named
 * beside it: what is left of a packet without its end is of no use.
 */
export function commonFragment(
  lines: readonly number[],
  { fragmentShare }: DdpsDistilling,
): Chosen<BitmaskComponent> | undefined {
  const fragments = lines.filter(bits => (bits & ANY_FRAGMENT) !== 0)
  if (fragments.length === 0 || fragments.length <= lines.length * fragmentShare) return undefined
  const hasFirst = fragments.some(bits => (bits & FRAGMENT_BITS.first) !== 0)
  const parts = [FRAGMENT_BITS['is-fragment'], ...(hasFirst ? [FRAGMENT_BITS.first] : [])]
  return {
    component: { type: 'fragment', anyOf: parts.map(bits => [{ isNot: false, isMatchAll: true, bits }]) },
    because: `${fragments.length} of ${lines.length} lines are fragments`,
  }
}

const ANY_FRAGMENT = FRAGMENT_BITS['is-fragment'] | FRAGMENT_BITS.first | FRAGMENT_BITS.last
