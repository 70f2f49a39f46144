// A FlowSpec rule as the fourteen keys of DDPS, or why DDPS cannot say it.

import { type Component, isBitmaskComponent, isPrefixComponent, type Rule } from '#lib/flowspec/rule.ts'
import { formatPrefix } from '#lib/ip/prefix.ts'
import { printOperators } from './operators.ts'
import { type DdpsKey, type DdpsRule, DESCRIPTION_MAX, MINUTES_MAX } from './rule.ts'
import { NUMERIC_FIELDS, WORD_FIELDS } from './to-rule.ts'
import { printAction, printWords } from './words.ts'

export interface DdpsPapers {
  /** Rounded up to minutes. */
  readonly seconds: number
  readonly description: string
}

export type Written =
  | { readonly kind: 'keys'; readonly rule: DdpsRule }
  | { readonly kind: 'problem'; readonly problem: string }

/** What is read back from the keys matches the same packets and does the same to them. */
export function writeRule({ components, actions }: Rule, { seconds, description }: DdpsPapers): Written {
  const keys: Partial<Record<DdpsKey, string>> = {}
  for (const component of components) {
    const key = keyOf(component)
    const text = key === undefined ? undefined : textOf(component, key)
    if (key === undefined || text === undefined)
      return problem(`DDPS has no words for this ${component.type}`)
    keys[key] = text
  }
  if (keys.destinationprefix === undefined) return problem('DDPS has no rules without a destination')
  const thenaction = printAction(actions)
  if (thenaction === undefined) return problem('DDPS has no word for the action')
  const minutes = Math.ceil(seconds / 60)
  if (minutes < 1 || minutes > MINUTES_MAX) return problem(`DDPS has rules of 1 to ${MINUTES_MAX} minutes`)
  return {
    kind: 'keys',
    rule: {
      ...EMPTY,
      ...keys,
      durationminutes: String(minutes),
      thenaction,
      description: description.slice(0, DESCRIPTION_MAX),
    },
  }
}

const EMPTY: DdpsRule = {
  durationminutes: '',
  destinationprefix: '',
  sourceprefix: '',
  ipprotocol: '',
  destinationport: '',
  sourceport: '',
  icmptype: '',
  icmpcode: '',
  tcpflags: '',
  packetlength: '',
  dscp: '',
  fragmentencoding: '',
  thenaction: '',
  description: '',
}

function keyOf({
  type,
}: Component): Exclude<DdpsKey, 'durationminutes' | 'thenaction' | 'description'> | undefined {
  if (type === 'destination') return 'destinationprefix'
  if (type === 'source') return 'sourceprefix'
  for (const key of NUMERIC_KEYS) if (NUMERIC_FIELDS[key].type === type) return key
  for (const key of WORD_KEYS) if (WORD_FIELDS[key] === type) return key
  return undefined
}

function textOf(component: Component, key: DdpsKey): string | undefined {
  if (isPrefixComponent(component)) return component.offset === 0 ? formatPrefix(component.prefix) : undefined
  if (isBitmaskComponent(component)) return printWords(component)
  const field = NUMERIC_KEYS.find(numeric => numeric === key)
  return field && printOperators(component, NUMERIC_FIELDS[field])
}

const NUMERIC_KEYS = [
  'ipprotocol',
  'destinationport',
  'sourceport',
  'icmptype',
  'icmpcode',
  'packetlength',
  'dscp',
] as const
const WORD_KEYS = ['fragmentencoding', 'tcpflags'] as const

const problem = (text: string): Written => ({ kind: 'problem', problem: text })
