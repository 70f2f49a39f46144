// Floods and honest traffic as samples for the tests of this folder: small, and the same each time for one seed.

import type { Packet } from '#lib/flowspec/matches.ts'
import { TCP_FLAG_BITS } from '#lib/flowspec/rule.ts'
import { prefixOf } from '#lib/ip/prefix.ts'
import type { DistillInput, DistillSample } from './distillation.ts'

export const TARGET = { family: 4, value: 0xc0000201n } as const
const { fin, syn, rst, psh, ack, urg } = TCP_FLAG_BITS

/** Numbers that look drawn (mulberry32). */
export class Dice {
  #state: number

  constructor(seed: number) {
    this.#state = seed
  }

  part(): number {
    this.#state = (this.#state + 0x6d2b79f5) | 0
    let mixed = Math.imul(this.#state ^ (this.#state >>> 15), 1 | this.#state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }

  /** Both ends belong to it. */
  between(from: number, to: number): number {
    return from + Math.floor(this.part() * (to - from + 1))
  }

  pick<Value>(values: readonly [Value, ...Value[]]): Value {
    return values[Math.floor(this.part() * values.length)] ?? values[0]
  }
}

export type PacketOf = (dice: Dice) => Packet

const base = (dice: Dice): Pick<Packet, 'source' | 'target' | 'dscp' | 'fragment'> => ({
  source: { family: 4, value: BigInt(0x05000000 + dice.between(0, 0x0fffffff)) },
  target: TARGET,
  dscp: 0,
  fragment: 0,
})

export const udp = (dice: Dice, sourcePort: number, targetPort: number, length: number): Packet => ({
  ...base(dice),
  protocol: 17,
  sourcePort,
  targetPort,
  length,
})

export const tcp = (
  dice: Dice,
  sourcePort: number,
  targetPort: number,
  tcpFlags: number,
  length: number,
): Packet => ({
  ...base(dice),
  protocol: 6,
  sourcePort,
  targetPort,
  tcpFlags,
  length,
})

const laterFragment = (dice: Dice, length: number): Packet => ({
  ...base(dice),
  protocol: 17,
  length,
  fragment: dice.pick([2, 10]),
})

const high = (dice: Dice) => dice.between(1024, 65_535)

/** A web server with some QUIC, answers of resolvers and of time servers, and pings. */
export const web: PacketOf = dice => {
  const part = dice.part()
  const port = dice.pick([80, 443, 443, 443])
  if (part < 0.08) return tcp(dice, high(dice), port, syn, dice.pick([60, 60, 52, 64]))
  if (part < 0.55) return tcp(dice, high(dice), port, ack, dice.pick([52, 52, 40]))
  if (part < 0.7) return tcp(dice, high(dice), port, psh | ack, dice.between(100, 1400))
  if (part < 0.76) return tcp(dice, high(dice), port, fin | ack, dice.pick([52, 40]))
  if (part < 0.77) return tcp(dice, high(dice), port, rst, 40)
  if (part < 0.95) return udp(dice, high(dice), 443, dice.between(60, 1278))
  if (part < 0.98) return udp(dice, 53, high(dice), dice.between(80, 480))
  if (part < 0.985) return udp(dice, 123, 123, 76)
  return { ...base(dice), protocol: 1, icmpType: 8, icmpCode: 0, length: 84 }
}

/** A resolver that answers and asks. */
export const resolver: PacketOf = dice => {
  const part = dice.part()
  if (part < 0.6) return udp(dice, high(dice), 53, dice.between(56, 90))
  if (part < 0.97) return udp(dice, 53, high(dice), dice.between(80, 1180))
  return tcp(dice, high(dice), 53, dice.pick([syn, ack, psh | ack]), dice.pick([52, 60]))
}

export const FLOODS = {
  ntp: dice => udp(dice, 123, high(dice), 468),
  ssdp: dice => udp(dice, 1900, high(dice), dice.between(288, 448)),
  dns: dice =>
    dice.part() < 0.5 ? udp(dice, 53, high(dice), 1500) : laterFragment(dice, dice.between(300, 1500)),
  'no-flags': dice => tcp(dice, high(dice), 443, 0, 40),
  xmas: dice => tcp(dice, high(dice), 443, fin | psh | urg, 40),
  'fixed-length': dice => udp(dice, high(dice), dice.between(1, 65_535), 541),
  'random-udp': dice => udp(dice, high(dice), dice.between(1, 65_535), dice.between(60, 1400)),
  'random-protocol': dice => ({
    ...base(dice),
    protocol: dice.pick([0, 2, 9, 33, 50, 77, 99, 132, 200, 201, 202, 240]),
    length: dice.between(40, 1000),
  }),
  gre: dice => ({ ...base(dice), protocol: 47, length: dice.between(100, 1400) }),
  'large-ping': dice => ({
    ...base(dice),
    protocol: 1,
    icmpType: 8,
    icmpCode: 0,
    length: dice.between(1028, 1500),
  }),
  syn: dice => tcp(dice, high(dice), 443, syn, dice.pick([60, 60, 52, 64])),
  ack: dice => tcp(dice, high(dice), 443, ack, dice.pick([52, 52, 40])),
  pages: dice =>
    dice.part() < 0.3
      ? tcp(dice, high(dice), 443, psh | ack, dice.between(100, 1400))
      : tcp(dice, high(dice), 443, ack, dice.pick([52, 52, 40])),
  queries: dice => udp(dice, high(dice), 53, dice.between(56, 90)),
  'three-hosts': dice => ({
    ...tcp(dice, high(dice), 443, psh | ack, dice.between(100, 1400)),
    source: { family: 4, value: 0x2d000000n + BigInt(dice.between(1, 3)) },
  }),
} as const satisfies Record<string, PacketOf>

export const samplesOf = (packetOf: PacketOf, count: number, dice: Dice): DistillSample[] =>
  Array.from({ length: count }, () => ({ packet: packetOf(dice), weight: 1 }))

export interface Mixture {
  readonly flood: PacketOf
  readonly honest: PacketOf
  readonly seed?: number
  readonly attack?: number
  readonly calm?: number
  /** Of the samples during the attack. */
  readonly honestShare?: number
}

/** Flood and honest traffic in turn, and calm of the same host. */
export function inputOf({
  flood,
  honest,
  seed = 1,
  attack = 1000,
  calm = 5000,
  honestShare = 0.05,
}: Mixture): DistillInput {
  const dice = new Dice(seed)
  const mixed: PacketOf = drawn => (drawn.part() < honestShare ? honest(drawn) : flood(drawn))
  return {
    family: 4,
    target: prefixOf(TARGET, 32),
    attack: samplesOf(mixed, attack, dice),
    normal: samplesOf(honest, calm, dice),
    vectors: [],
    action: { kind: 'discard' },
    rulesMax: 3,
  }
}

export const either =
  (one: PacketOf, two: PacketOf, part: number): PacketOf =>
  dice =>
    dice.part() < part ? one(dice) : two(dice)
