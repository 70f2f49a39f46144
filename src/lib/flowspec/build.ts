// Helpers that write common rules down shortly.

import type { Prefix } from '#lib/ip/prefix.ts'
import {
  type Action,
  type BitmaskTest,
  COMPONENT_NUMBERS,
  type Component,
  FRAGMENT_BITS,
  type NumericComponent,
  type NumericTest,
  type NumericType,
  type Rule,
  TCP_FLAG_BITS,
} from './rule.ts'

/** Both ends belong to it. */
export interface Range {
  readonly from: number
  readonly to: number
}

export type FlagName = keyof typeof TCP_FLAG_BITS
export type FragmentName = keyof typeof FRAGMENT_BITS

/** What a common rule matches; what is left out is not looked at. */
export interface Match {
  readonly target: Prefix
  readonly source?: Prefix
  readonly protocol?: number
  readonly targetPorts?: readonly Range[]
  readonly sourcePorts?: readonly Range[]
  readonly lengths?: readonly Range[]
  readonly icmpTypes?: readonly Range[]
  /** All of `set` and none of `clear`. */
  readonly tcpFlags?: { readonly set: readonly FlagName[]; readonly clear?: readonly FlagName[] }
  readonly fragment?: FragmentName
}

/** A rule of the family of its target. */
export function ruleFor(match: Match, actions: readonly Action[]): Rule {
  const components: Component[] = [{ type: 'destination', prefix: match.target, offset: 0 }]
  if (match.source) components.push({ type: 'source', prefix: match.source, offset: 0 })
  if (match.protocol !== undefined) components.push(rangesComponent('protocol', [only(match.protocol)]))
  if (match.targetPorts) components.push(rangesComponent('destination-port', match.targetPorts))
  if (match.sourcePorts) components.push(rangesComponent('source-port', match.sourcePorts))
  if (match.icmpTypes) components.push(rangesComponent('icmp-type', match.icmpTypes))
  if (match.lengths) components.push(rangesComponent('packet-length', match.lengths))
  if (match.tcpFlags) components.push({ type: 'tcp-flags', anyOf: [flagTests(match.tcpFlags)] })
  if (match.fragment) components.push({ type: 'fragment', anyOf: [[allOf(FRAGMENT_BITS[match.fragment])]] })
  return { family: match.target.family, components: components.sort(byNumber), actions }
}

/** The range that holds one value. */
export const only = (value: number): Range => ({ from: value, to: value })

/** A component that matches what lies in one of the ranges. */
export const rangesComponent = (type: NumericType, ranges: readonly Range[]): NumericComponent => ({
  type,
  anyOf: ranges.map(testsOf),
})

export const byNumber = (a: Component, b: Component): number =>
  COMPONENT_NUMBERS[a.type] - COMPONENT_NUMBERS[b.type]

function testsOf({ from, to }: Range): NumericTest[] {
  if (from === to) return [{ operator: '=', value: from }]
  return [
    { operator: '>=', value: from },
    { operator: '<=', value: to },
  ]
}

const allOf = (bits: number): BitmaskTest => ({ isNot: false, isMatchAll: true, bits })

function flagTests({ set, clear = [] }: NonNullable<Match['tcpFlags']>): BitmaskTest[] {
  const tests = set.length > 0 ? [allOf(bitsOfFlags(set))] : []
  return clear.length > 0 ? [...tests, { isNot: true, isMatchAll: false, bits: bitsOfFlags(clear) }] : tests
}

const bitsOfFlags = (names: readonly FlagName[]) =>
  names.reduce((bits, name) => bits | TCP_FLAG_BITS[name], 0)
