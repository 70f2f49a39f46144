// From an open attack and its samples to what the distiller is asked.

import type { OpenAttack } from '#4-detection/attack.ts'
import type { CalmPacket } from '#4-detection/calm-packet.ts'
import type { DistillInput, DistillSample, Legitimate } from '#5-evidence/distill/distillation.ts'
import { asTold } from '#5-evidence/distill/sample-of-record.ts'
import { PREFIXES_MAX } from '#5-evidence/distill/sample-rounds.ts'
import type { AllowedPorts } from '#6-policy/inventory.ts'
import { type EnforcingRouter, profileOf } from '#6-policy/router-fit.ts'
import type { Packet } from '#lib/flowspec/matches.ts'
import type { ComponentType } from '#lib/flowspec/rule.ts'
import { type Address, bitsOf } from '#lib/ip/address.ts'
import { formatPrefix, type Prefix, parsePrefix, prefixOf } from '#lib/ip/prefix.ts'

/** Whom an attack from us goes to is told by so few, which get nearly all of it, and each a part. */
const TARGETS_MAX = 8
const TARGETS_SHARE = 0.9
const EACH_SHARE = 0.05

/** What is known beside the samples. */
export interface DistillFacts {
  readonly calm: (prefixes: readonly Prefix[], isIncoming: boolean) => readonly CalmPacket[]
  /** Ports that are meant to be reached at a prefix. */
  readonly allowedPorts: (prefix: Prefix) => AllowedPorts | undefined
  readonly router: EnforcingRouter | undefined
  readonly rulesMax: number
}

export interface Asked {
  readonly input: DistillInput
  /** Destinations of the rules, the first of which the input names. */
  readonly targets: readonly string[]
}

/** `undefined`: nobody can say whom the attack goes to. */
export function askedOf(
  attack: OpenAttack,
  samples: readonly DistillSample[],
  facts: DistillFacts,
): Asked | undefined {
  const ours = oursOf(attack)
  const [first] = ours
  if (first === undefined) return undefined
  const isIncoming = attack.direction === 'incoming'
  const targets = isIncoming ? ours : remoteTargets(samples)
  const [target] = targets
  if (target === undefined) return undefined
  const normal = facts.calm(ours, isIncoming).map(calmSample)
  const legitimate = isIncoming ? legitimateOf(ours, facts) : undefined
  const input: DistillInput = {
    ...{ family: attack.family, target, ...(isIncoming ? {} : { source: first }) },
    attack: ofOneTarget(samples, targets, isIncoming),
    normal: ofOneTarget(normal, targets, isIncoming),
    ...(legitimate === undefined ? {} : { legitimate }),
    vectors: vectorsOf(attack),
    action: { kind: 'discard' },
    rulesMax: facts.rulesMax,
    ...(facts.router === undefined ? {} : { router: profileOf(facts.router) }),
  }
  return { input, targets: targets.map(formatPrefix) }
}

/** What is attacked, or the host of ours that attacks. */
export const oursOf = ({ scope, host, prefixes }: OpenAttack): readonly Prefix[] =>
  (scope === 'host' ? [host] : prefixes).flatMap(text => parsePrefix(text) ?? [])

const vectorsOf = ({ finding }: OpenAttack): readonly string[] =>
  (finding?.parts ?? []).map(({ vector }) => vector).filter(vector => vector !== 'unknown')

/**
 * Packets to one of several targets as if they went to the first: what is said of one of them holds for all. `areTheirs`: all
 * packets go to one of them.
 */
function ofOneTarget(
  samples: readonly DistillSample[],
  targets: readonly Prefix[],
  areTheirs: boolean,
): readonly DistillSample[] {
  const [first] = targets
  if (first === undefined || targets.length === 1) return samples
  const target: Address = { family: first.family, value: first.value }
  const values = new Set(targets.map(({ value }) => value))
  return samples.map(sample =>
    areTheirs || values.has(sample.packet.target.value)
      ? { ...sample, packet: { ...sample.packet, target } }
      : sample,
  )
}

/** The tick in which a limit is crossed counts as one over it. */
export const TICK_SECONDS = 0.1

/** Of IPv6 the other end is not kept in calm, and flow labels are kept of none. */
function calmSample({ packet, told }: CalmPacket): DistillSample {
  const { family } = packet.target
  const peer: ComponentType = packet.source.value === 0n ? 'source' : 'destination'
  const untold: readonly ComponentType[] = family === 6 ? [peer, 'flow-label'] : []
  const looked = asTold({ packet, ...(untold.length === 0 ? {} : { untold }) }, told === 0 ? undefined : told)
  return { ...looked, weight: 1 }
}

/** The few that get nearly all packets, the most first; empty when there are no such few. */
function remoteTargets(samples: readonly DistillSample[]): readonly Prefix[] {
  const weights = new Map<bigint, number>()
  let all = 0
  for (const { packet, weight } of samples) {
    all += weight
    weights.set(packet.target.value, (weights.get(packet.target.value) ?? 0) + weight)
  }
  const few = [...weights]
    .filter(([, weight]) => weight >= EACH_SHARE * all)
    .toSorted(([a, of], [b, than]) => than - of || (a < b ? -1 : 1))
    .slice(0, TARGETS_MAX)
  const together = few.reduce((sum, [, weight]) => sum + weight, 0)
  if (all === 0 || together < TARGETS_SHARE * all) return []
  const family = samples[0]?.packet.target.family ?? 4
  return few.map(([value]) => prefixOf({ family, value }, bitsOf(family)))
}

/** Ports that belong to a service on one of the prefixes; of a protocol about which one of them says nothing, nothing is said. */
function legitimateOf(prefixes: readonly Prefix[], { allowedPorts }: DistillFacts): Legitimate | undefined {
  const said = prefixes.map(allowedPorts)
  const of = (name: 'tcp' | 'udp') => {
    const ranges = said.map(ports => ports?.[name])
    return ranges.every(one => one !== undefined) ? ranges.flat() : undefined
  }
  const [tcp, udp] = [of('tcp'), of('udp')]
  if (tcp === undefined && udp === undefined) return undefined
  return { ...(tcp === undefined ? {} : { tcp }), ...(udp === undefined ? {} : { udp }) }
}

/** Below this share of its limit an attack is over. */
const OVER_SHARE = 0.5
const [ICMP, TCP, UDP, ICMPV6] = [1, 6, 17, 58] as const
const [SYN, FRAGMENT] = [2, 14] as const

const CLASS_OF: Readonly<Record<string, (packet: Packet) => boolean>> = {
  tcp: ({ protocol }) => protocol === TCP,
  udp: ({ protocol }) => protocol === UDP,
  icmp: ({ protocol }) => protocol === ICMP || protocol === ICMPV6,
  syn: ({ tcpFlags = 0 }) => (tcpFlags & SYN) !== 0,
  fragment: ({ fragment }) => (fragment & FRAGMENT) !== 0,
}

/** Whether samples taken within so many seconds are as many as its limit asks. Flows and what others dropped are not counted here. */
export function isStillOver(
  { crossing }: Pick<OpenAttack, 'crossing'>,
  samples: readonly DistillSample[],
  seconds: number,
): boolean {
  if (crossing === undefined || seconds <= 0) return true
  const [first = '', second] = crossing.limit.split('-')
  const unit = second ?? first
  if (unit === 'flows' || first === 'dropped') return true
  const isCounted = second === undefined ? () => true : (CLASS_OF[first] ?? (() => true))
  const total = samples.reduce(
    (sum, { packet, weight }) =>
      isCounted(packet) ? sum + weight * (unit === 'bits' ? packet.length * 8 : 1) : sum,
    0,
  )
  return total / seconds >= crossing.threshold * OVER_SHARE
}

/** Whether its packets are looked at for rules: those of what we found ourselves, and not of a hostgroup with very many prefixes. */
export const isDistilled = ({
  origin,
  direction,
  prefixes,
}: Pick<OpenAttack, 'origin' | 'direction' | 'prefixes'>): boolean =>
  origin === 'detected' && direction !== 'other' && prefixes.length <= PREFIXES_MAX
