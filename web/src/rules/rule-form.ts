// The form of a rule by a person: from what was typed to a rule, or to what is still missing.

import { rateOf, secondsOf } from '../lib/amount.ts'
import type { InputOf } from '../lib/api.ts'

/** What a rule may match beside its target, with what to type. */
export const MATCHES = [
  ['protocol', 'Protocol', '=udp'],
  ['source', 'Source prefix', '198.51.100.0/24'],
  ['sourcePort', 'Source ports', '=53,=123'],
  ['destinationPort', 'Target ports', '>=1024&<=2047'],
  ['port', 'Ports at either end', '=53'],
  ['packetLength', 'Packet lengths', '>=1000&<=1500'],
  ['tcpFlags', 'TCP flags', '=syn&!ack'],
  ['fragment', 'Fragments', 'is-fragment+first+last'],
  ['icmpType', 'ICMP types', '=8'],
  ['icmpCode', 'ICMP codes', '=0'],
  ['dscp', 'DSCP', '=46'],
  ['flowLabel', 'Flow label (IPv6)', '=0'],
] as const
export type MatchName = (typeof MATCHES)[number][0]

export interface RuleForm {
  /** As text, in place of target and match; empty: by fields. */
  readonly rule: string
  readonly target: string
  readonly match: Readonly<Partial<Record<MatchName, string>>>
  readonly action: string
  readonly rate: string
  readonly ttl: string
}

export const EMPTY_RULE: RuleForm = {
  ...{ rule: '', target: '', match: { protocol: '=udp' }, action: 'discard', rate: '', ttl: '1h' },
}

export const RULE_ACTIONS = [
  ['discard', 'discard'],
  ['rate-limit', 'limit the rate'],
  ['accept', 'let pass, whatever other rules say'],
  ['monitor', 'only show it'],
] as const

export type RulePreviewInput = InputOf<'previewRule'>

export type ReadRule =
  | { readonly kind: 'rule'; readonly rule: RulePreviewInput }
  | { readonly kind: 'unfinished'; readonly fields: Readonly<Record<string, string>> }

export function readRuleForm(form: RuleForm): ReadRule {
  const { action } = form
  const ttlSeconds = secondsOf(form.ttl)
  const isPackets = /packets|pps/i.test(form.rate)
  const rate = action === 'rate-limit' ? rateOf(form.rate) : undefined
  const text = form.rule.trim()
  const saysDeed = /\bthen\b/.test(text)
  const needsRate = action === 'rate-limit' && !saysDeed
  const fields = {
    ...(ttlSeconds === undefined && form.ttl !== '' ? { ttl: 'a length of time is 10m, 2h or 600' } : {}),
    ...(needsRate && rate === undefined && form.rate !== ''
      ? { rate: 'a rate is 5M, 2.5 Gbit/s or 80k packets/s' }
      : {}),
  }
  const isWhole = (text !== '' || form.target.trim() !== '') && ttlSeconds !== undefined
  if (Object.keys(fields).length > 0 || !isWhole || (needsRate && rate === undefined))
    return { kind: 'unfinished', fields }
  const match = Object.entries(form.match).filter(([, words]) => words.trim() !== '')
  return {
    kind: 'rule',
    rule: {
      ...(text === '' ? { target: form.target.trim(), match: Object.fromEntries(match) } : { rule: text }),
      ...(saysDeed && action !== 'monitor' ? {} : { action: actionOf(action) }),
      ...(needsRate && rate !== undefined
        ? { [isPackets ? 'packetsPerSecond' : 'bitsPerSecond']: rate }
        : {}),
      ttlSeconds,
    },
  }
}

const actionOf = (text: string): 'discard' | 'rate-limit' | 'accept' | 'monitor' =>
  RULE_ACTIONS.find(([action]) => action === text)?.[0] ?? 'discard'
