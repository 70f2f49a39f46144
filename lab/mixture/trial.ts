// A trial: a distiller sees a second of an attack, and its rules are held against the labels of the ten that follow.

import type { Distill, Distilled, DistillInput, DistillSample } from '#5-evidence/distill/distillation.ts'
import { assert } from '#lib/assert.ts'
import { matches, type Packet } from '#lib/flowspec/matches.ts'
import { unite } from '#lib/flowspec/ranges.ts'
import type { Flow } from '#lib/flowspec/rule.ts'
import { contains, parsePrefix } from '#lib/ip/prefix.ts'
import type { Case } from './case.ts'
import { type Flooded, floodOf, type Honest, samplesOf } from './labelled.ts'
import { asIpv6, TARGET_PREFIX, TARGET6_PREFIX } from './packets.ts'
import type { Server } from './server.ts'
import { SERVERS } from './servers.ts'

export interface Conditions {
  /** Packets of the first second that are seen. */
  readonly samples: number
  /** Calm packets that are known, at most. */
  readonly calm: number
  /** Packets each sample stands for. */
  readonly weight?: number
  readonly family?: 4 | 6
  /** What the flood has of all packets, 0 to 1. Default: as it was drawn, from 0.8 to 0.97. */
  readonly share?: number
  /** What flow records do not tell. */
  readonly untold?: DistillSample['untold']
  /** The detector gave the attack no name. */
  readonly isUnnamed?: boolean
  /** The owner has said which ports belong to the server. */
  readonly knowsPorts?: boolean
}

/** Those of the gates. */
export const USUAL: Conditions = { samples: 1000, calm: 10_000 }

export interface Outcome {
  readonly kind: Distilled['kind']
  readonly rules: number
  /** Shares of the packets that come later, 0 to 1. */
  readonly attack: number
  readonly honest: number
  readonly distilled: Distilled
}

const RULES_MAX = 3

/** What the distiller is told. */
export function inputOf(
  one: Case,
  honest: Honest,
  flooded: Flooded,
  seed: number,
  conditions: Conditions,
): DistillInput {
  const { family = 4, weight = 1, untold, share = flooded.share } = conditions
  const target = parsePrefix(family === 4 ? TARGET_PREFIX : TARGET6_PREFIX)
  if (target === undefined) throw new RangeError('the target is a prefix')
  const asSample = (packet: Packet): DistillSample => ({
    packet: blank(family === 4 ? packet : asIpv6(packet), untold),
    weight,
    ...(untold === undefined ? {} : { untold }),
  })
  const ports = (list: readonly number[]) => unite(list.map(port => ({ from: port, to: port })))
  const { tcp, udp }: Server = SERVERS[one.on]
  return {
    family,
    target,
    attack: samplesOf(honest.first, { ...flooded, share }, conditions.samples, seed).map(asSample),
    normal: honest.calm.slice(0, conditions.calm).map(asSample),
    normalRate: 1 - share,
    ...(conditions.knowsPorts
      ? { legitimate: { ...(tcp && { tcp: ports(tcp) }), ...(udp && { udp: ports(udp) }) } }
      : {}),
    vectors: conditions.isUnnamed ? [] : one.vectors,
    action: { kind: 'discard' },
    rulesMax: RULES_MAX,
  }
}

/** What is not told is made up: a zero, which no packet has as its length. */
const blank = (packet: Packet, untold: DistillSample['untold'] = []): Packet => ({
  ...packet,
  ...(untold.includes('packet-length') ? { length: 0 } : {}),
  ...(untold.includes('fragment') ? { fragment: 0 } : {}),
})

/** Distils and judges. */
export function runTrial(
  distill: Distill,
  one: Case,
  honest: Honest,
  { seed, conditions = USUAL, packets }: { seed: number; conditions?: Conditions; packets: number },
): Outcome {
  const flooded = floodOf(one, seed, packets)
  const input = inputOf(one, honest, flooded, seed, conditions)
  const distilled = distill(input)
  const rules = distilled.kind === 'rules' ? distilled.rules.map(({ rule }) => rule) : []
  for (const { components } of rules)
    assert(
      components.some(part => part.type === 'destination' && contains(input.target, part.prefix)),
      'each rule stays within the target',
    )
  return {
    kind: distilled.kind,
    rules: rules.length,
    ...judge(rules, honest, flooded, conditions.family),
    distilled,
  }
}

/** Shares of flood and honest packets that at least one of the rules matches. */
export function judge(
  rules: readonly Flow[],
  honest: Honest,
  flooded: Flooded,
  family: 4 | 6 = 4,
): { attack: number; honest: number } {
  const shareOf = (packets: readonly Packet[]) => {
    if (rules.length === 0) return 0
    let matched = 0
    for (const packet of packets) {
      const seen = family === 4 ? packet : asIpv6(packet)
      if (rules.some(rule => matches(rule, seen))) matched++
    }
    return matched / packets.length
  }
  return { attack: shareOf(flooded.later), honest: shareOf(honest.later) }
}

/** What a case asks for: shares of the attack at least and of honest packets at most. */
export const GATES = {
  separable: { attack: 0.99, honest: 0.001 },
  two: { attack: 0.95, honest: 0.005 },
} as const

/** Whether an outcome is what the class of the case asks for; `loose` cases ask for nothing. */
export function isMet(
  kind: Case['kind'],
  { kind: answer, attack, honest, rules }: Omit<Outcome, 'distilled'>,
): boolean {
  if (kind === 'loose') return true
  if (kind === 'inseparable') return answer === 'inseparable' && rules === 0
  const gate = GATES[kind]
  return answer === 'rules' && rules <= RULES_MAX && attack >= gate.attack && honest <= gate.honest
}
