// An attack with what is done about it, in the words of prefixd: one mitigation with one status and one rule.

import { UNKNOWN, VECTORS } from '#4-detection/vectors.ts'
import type { AttackRecord } from '#7-mitigation/attack-record.ts'
import { isHeld, type Mitigation } from '#7-mitigation/mitigation.ts'
import { parseRule } from '#lib/flowspec/parse.ts'
import { type Component, isNumericComponent, isPrefixComponent, type Rule } from '#lib/flowspec/rule.ts'
import { formatPrefix } from '#lib/ip/prefix.ts'

export const STATUSES = ['pending', 'active', 'escalated', 'expired', 'withdrawn', 'rejected'] as const
export type Status = (typeof STATUSES)[number]
/** What is done or shall be done; the others are over for ever. */
export const LIVE: readonly Status[] = ['pending', 'active', 'escalated']

/** An attack that is over is over, also while its rule is held down for a while. */
export function statusOf({ attack, mitigations }: AttackRecord): Status {
  if (mitigations.length > 0 && mitigations.every(({ state }) => state === 'refused')) return 'rejected'
  if (attack.state === 'ended')
    return attack.endedBy === 'finished' && attack.because === undefined ? 'expired' : 'withdrawn'
  const held = mitigations.filter(isHeld)
  if (held.some(({ state, step }) => state === 'announced' && step > 0)) return 'escalated'
  if (held.some(({ state }) => state === 'announced' || state === 'escalated')) return 'active'
  if (held.length > 0 || mitigations.length === 0) return 'pending'
  return mitigations.some(({ state }) => state === 'expired') ? 'expired' : 'withdrawn'
}

/** A vector of the source's own words; of what we found ourselves prefixd's word for it. */
export function vectorOf({ attack }: AttackRecord): string {
  if (attack.reported !== undefined) return attack.reported.vector
  const [part] = attack.finding?.parts ?? []
  const known = VECTORS.find(({ name }) => name === part?.vector)
  if (known !== undefined) return known.prefixd
  return attack.type === 'ip_fragmentation' ? 'udp_flood' : (attack.type ?? UNKNOWN)
}

export interface RuleFacts {
  readonly action: 'police' | 'discard'
  /** Bits per second of police. */
  readonly rate: number | undefined
  readonly prefix: string
  readonly protocol: number | undefined
  readonly ports: readonly number[]
}

/** Of the newest rule that is held, else of the newest there was; without any of what was reported or ordered. */
export function ruleFactsOf(record: AttackRecord): RuleFacts {
  const { attack, mitigations } = record
  const reported = reportedFacts(record)
  const newest = newestOf(mitigations)
  if (newest === undefined) return reported
  const { action } = newest
  if (action.kind === 'blackhole' || action.kind === 'divert')
    return { action: 'discard', rate: undefined, prefix: action.prefix, protocol: undefined, ports: [] }
  const parsed = action.kind === 'filter' ? parseRule(action.rule) : undefined
  if (parsed?.kind !== 'parsed') return reported
  return factsOfRule(parsed.value, attack.prefixes[0] ?? attack.host)
}

function newestOf(mitigations: readonly Mitigation[]): Mitigation | undefined {
  const rules = mitigations.filter(({ action }) => action.kind !== 'script')
  return rules.findLast(isHeld) ?? rules.at(-1)
}

function reportedFacts({ attack }: AttackRecord): RuleFacts {
  const { reported } = attack
  const isLimit = reported?.order?.kind === 'rate-limit'
  return {
    action: isLimit ? 'police' : 'discard',
    rate: isLimit ? reported.order?.bitsPerSecond : undefined,
    prefix: attack.prefixes[0] ?? attack.host,
    protocol: reported?.protocol,
    ports: reported?.ports ?? [],
  }
}

function factsOfRule({ components, actions }: Rule, otherwise: string): RuleFacts {
  const target = components.find(part => isPrefixComponent(part) && part.type === 'destination')
  const source = components.find(part => isPrefixComponent(part) && part.type === 'source')
  const part = target ?? source
  const limit = actions.find(({ kind }) => kind === 'rate-bytes')
  const rate = limit?.kind === 'rate-bytes' ? limit.bytesPerSecond * 8 : undefined
  const [protocol] = valuesOf(components, 'protocol')
  return {
    action: rate === undefined || rate === 0 ? 'discard' : 'police',
    rate: rate === 0 ? undefined : rate,
    prefix: part !== undefined && isPrefixComponent(part) ? formatPrefix(part.prefix) : otherwise,
    protocol,
    ports: valuesOf(components, 'destination-port'),
  }
}

/** What a component equals; ranges have no place in prefixd's lists. */
function valuesOf(components: readonly Component[], type: 'protocol' | 'destination-port'): number[] {
  const found = components.find(component => component.type === type)
  if (found === undefined || !isNumericComponent(found)) return []
  return found.anyOf.flatMap(([test, ...others]) =>
    test?.operator === '=' && others.length === 0 ? [test.value] : [],
  )
}
