// What a rule matches, by its fields: each in the words of the text form (docs/reference/flowspec.md).

import { formatPrefix, type Prefix } from '#lib/ip/prefix.ts'
import { canonical } from './canonical.ts'
import { parseRule } from './parse.ts'
import { intersect, rangesOf } from './ranges.ts'
import { type ComponentType, type Flow, isNumericComponent } from './rule.ts'

/** In the order of their numbers; the destination stands for itself. */
export const FIELD_TYPES = {
  source: 'source',
  protocol: 'protocol',
  port: 'port',
  destinationPort: 'destination-port',
  sourcePort: 'source-port',
  icmpType: 'icmp-type',
  icmpCode: 'icmp-code',
  tcpFlags: 'tcp-flags',
  packetLength: 'packet-length',
  dscp: 'dscp',
  fragment: 'fragment',
  flowLabel: 'flow-label',
} as const satisfies Readonly<Record<string, ComponentType>>
export type FieldName = keyof typeof FIELD_TYPES

/** A value is one list such as `=80,>=1000&<=1500`, a set of bits such as `=syn&!ack`, or a prefix; missing: not looked at. */
export type Fields = Readonly<Partial<Record<FieldName, string | undefined>>>

export type FromFields =
  | { readonly kind: 'flow'; readonly flow: Flow }
  /** Each problem with the field it is about. */
  | { readonly kind: 'problems'; readonly problems: readonly { field: FieldName; problem: string }[] }

const isField = (name: string): name is FieldName => Object.hasOwn(FIELD_TYPES, name)

/** Canonical. A source that is any address (`0.0.0.0/0`) is left out. */
export function flowOfFields(target: Prefix, fields: Fields): FromFields {
  const problems: { field: FieldName; problem: string }[] = []
  const texts: string[] = []
  for (const [field, value] of Object.entries(fields)) {
    if (!isField(field) || value === undefined || (field === 'source' && /\/0$/.test(value))) continue
    const text = `${FIELD_TYPES[field]} ${value}`
    const problem = problemOf(text, value, target.family)
    if (problem === undefined) texts.push(text)
    else problems.push({ field, problem })
  }
  if (problems.length > 0) return { kind: 'problems', problems }
  const parsed = parseRule([`destination ${formatPrefix(target)}`, ...texts].join(' '))
  if (parsed.kind === 'problem')
    return { kind: 'problems', problems: [{ field: 'source', problem: `${parsed.what}: ${parsed.advice}` }] }
  return { kind: 'flow', flow: canonical(parsed.value) }
}

/** By itself, so that it is told about the field that has it. */
function problemOf(text: string, value: string, family: 4 | 6): string | undefined {
  if (!/^\S+$/.test(value)) return 'expected a list without blanks, such as =80,>=1000&<=1500'
  const alone = text.startsWith('source ') ? text : `ipv${family} ${text}`
  const parsed = parseRule(alone)
  return parsed.kind === 'problem' ? `${parsed.what}: ${parsed.advice}` : undefined
}

const PORTED = [6, 17, 33, 132, 136]
const ICMP = [1, 58]
const NEEDS: Readonly<
  Partial<Record<ComponentType, { readonly of: readonly number[]; readonly text: string }>>
> = {
  port: { of: PORTED, text: 'has no ports' },
  'destination-port': { of: PORTED, text: 'has no ports' },
  'source-port': { of: PORTED, text: 'has no ports' },
  'icmp-type': { of: ICMP, text: 'is not ICMP' },
  'icmp-code': { of: ICMP, text: 'is not ICMP' },
  'tcp-flags': { of: [6], text: 'is not TCP' },
}

/** Why a rule matches nothing, though each of its fields is right: ports of a protocol that has none. */
export function contradictionOf({ components }: Flow): string | undefined {
  const protocol = components.filter(isNumericComponent).find(({ type }) => type === 'protocol')
  if (protocol === undefined) return undefined
  const allowed = rangesOf(protocol)
  for (const { type } of components) {
    const need = NEEDS[type]
    const has = need?.of.some(number => intersect(allowed, [{ from: number, to: number }]).length > 0)
    if (need !== undefined && has === false)
      return `${type} matches nothing: the protocol of the rule ${need.text}`
  }
  return undefined
}
