// A rule of DDPS as FlowSpec, checked in the order in which DDPS's stored procedure ddps_addrule checks it.

import { byNumber } from '#lib/flowspec/build.ts'
import { contradictionOf } from '#lib/flowspec/fields.ts'
import type { Action, BitmaskType, Component, Rule } from '#lib/flowspec/rule.ts'
import { type Prefix, parsePrefix } from '#lib/ip/prefix.ts'
import { matchesNothing, type NumericField, readOperators } from './operators.ts'
import type { DdpsKey, DdpsRule } from './rule.ts'
import { readAction, readWords } from './words.ts'

type NumericKey =
  | 'ipprotocol'
  | 'destinationport'
  | 'sourceport'
  | 'icmptype'
  | 'icmpcode'
  | 'packetlength'
  | 'dscp'

export const NUMERIC_FIELDS: Readonly<Record<NumericKey, NumericField>> = {
  ipprotocol: { type: 'protocol', least: 0, most: 255 },
  destinationport: { type: 'destination-port', least: 0, most: 65_535 },
  sourceport: { type: 'source-port', least: 0, most: 65_535 },
  icmptype: { type: 'icmp-type', least: 0, most: 255 },
  icmpcode: { type: 'icmp-code', least: 0, most: 255 },
  packetlength: { type: 'packet-length', least: 60, most: 9000 },
  dscp: { type: 'dscp', least: 0, most: 63 },
}

export const WORD_FIELDS: Readonly<Record<'fragmentencoding' | 'tcpflags', BitmaskType>> = {
  fragmentencoding: 'fragment',
  tcpflags: 'tcp-flags',
}

export interface Checks {
  /** Actions that may be asked for. */
  readonly actions: readonly string[]
  /** Whether whoever asks may touch the target. */
  readonly mayTouch: (target: Prefix) => boolean
}

export type Converted =
  | { readonly kind: 'rule'; readonly rule: Rule; readonly seconds: number }
  /** The first thing that is wrong: its key, and a sentence that begins with it. */
  | {
      readonly kind: 'refused'
      readonly key: DdpsKey
      readonly because: 'syntax' | 'rights'
      readonly text: string
    }

/** An action of none means that the rule only watches. */
export function convertRule(rule: DdpsRule, { actions, mayTouch }: Checks): Converted {
  const target = parsePrefix(rule.destinationprefix)
  const source = parsePrefix(rule.sourceprefix)
  if (target === undefined) return syntax('destinationprefix', 'is no prefix')
  if (source !== undefined && source.length > 0 && source.family !== target.family)
    return syntax('sourceprefix', `is IPv${source.family}, and destinationprefix IPv${target.family}`)
  const found: Component[] = [{ type: 'destination', prefix: target, offset: 0 }]
  if (source !== undefined && source.length > 0) found.push({ type: 'source', prefix: source, offset: 0 })
  const take = (...keys: readonly (keyof typeof TAKERS)[]) => takeAll(keys, rule, found)
  const action = readAction(rule.thenaction)
  const fault =
    take('destinationport', 'sourceport', 'icmptype', 'icmpcode', 'packetlength', 'dscp') ??
    (rule.description.trim() === ''
      ? syntax('description', 'is empty: say why the rule is there')
      : undefined) ??
    (mayTouch(target) ? undefined : noRights(rule)) ??
    (action === undefined || !actions.includes(rule.thenaction) ? noAction(rule, actions) : undefined) ??
    take('fragmentencoding', 'tcpflags', 'ipprotocol') ??
    contradiction(target, found) ??
    fragmentOfIpv6(target, rule)
  if (fault !== undefined) return fault
  return ruleOf(target, found, action ?? [], rule)
}

const ruleOf = (
  { family }: Prefix,
  found: readonly Component[],
  actions: readonly Action[],
  { durationminutes }: DdpsRule,
): Converted => ({
  kind: 'rule',
  rule: { family, components: found.toSorted(byNumber), actions },
  seconds: Number(durationminutes) * 60,
})

type Refused = Extract<Converted, { kind: 'refused' }>
type Taker = (text: string) => { readonly component: Component } | { readonly problem: string }

const numeric =
  (field: NumericField): Taker =>
  text => {
    const read = readOperators(text, field)
    if (read.kind === 'problem') return read
    return matchesNothing(read.component, field)
      ? { problem: 'matches nothing: & is AND, and a space is OR' }
      : read
  }

const words =
  (type: BitmaskType): Taker =>
  text =>
    readWords(type, text)

const TAKERS: Readonly<Record<NumericKey | keyof typeof WORD_FIELDS, Taker>> = {
  ipprotocol: numeric(NUMERIC_FIELDS.ipprotocol),
  destinationport: numeric(NUMERIC_FIELDS.destinationport),
  sourceport: numeric(NUMERIC_FIELDS.sourceport),
  icmptype: numeric(NUMERIC_FIELDS.icmptype),
  icmpcode: numeric(NUMERIC_FIELDS.icmpcode),
  packetlength: numeric(NUMERIC_FIELDS.packetlength),
  dscp: numeric(NUMERIC_FIELDS.dscp),
  fragmentencoding: words('fragment'),
  tcpflags: words('tcp-flags'),
}

function takeAll(
  keys: readonly (keyof typeof TAKERS)[],
  rule: DdpsRule,
  found: Component[],
): Refused | undefined {
  for (const key of keys) {
    if (rule[key] === '') continue
    const taken = TAKERS[key](rule[key])
    if ('problem' in taken) return syntax(key, taken.problem)
    found.push(taken.component)
  }
  return undefined
}

/** Each field may be right, and no packet fit: ICMP has no ports, UDP no flags. */
function contradiction({ family }: Prefix, components: readonly Component[]): Refused | undefined {
  const told = contradictionOf({ family, components })
  return told === undefined ? undefined : syntax('ipprotocol', `does not go with the rest: ${told}`)
}

/** IPv6 has no such bit (RFC 8956, section 3.6). */
const fragmentOfIpv6 = ({ family }: Prefix, { fragmentencoding }: DdpsRule): Refused | undefined =>
  family === 6 && fragmentencoding.split(' ').includes('dont-fragment')
    ? syntax('fragmentencoding', 'says dont-fragment, which IPv6 does not have')
    : undefined

const noRights = ({ destinationprefix }: DdpsRule): Refused => ({
  kind: 'refused',
  key: 'destinationprefix',
  because: 'rights',
  text: `destinationprefix ${destinationprefix} is not within a network you may protect`,
})

const noAction = ({ thenaction }: DdpsRule, actions: readonly string[]): Refused =>
  syntax('thenaction', `is ${JSON.stringify(thenaction)}, and not one of ${actions.join(', ')}`)

const syntax = (key: DdpsKey, problem: string): Refused => ({
  ...{ kind: 'refused', key, because: 'syntax' },
  text: `${key} ${problem}`,
})
