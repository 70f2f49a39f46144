// Floods nobody thought of: protocol, flags, ports and lengths are drawn by a seed, with the one rule that describes them.

import { type Range, rangesComponent } from '#lib/flowspec/build.ts'
import type { NumericType } from '#lib/flowspec/rule.ts'
import { Draw } from '../vectors/draw.ts'
import type { Flood } from './floods.ts'
import { packetsOf } from './floods.ts'
import { ACK, FIN, icmp, PROTOCOL, PSH, portless, RST, SYN, tcp, URG, udp } from './packets.ts'
import { forged } from './sender.ts'
import { SERVERS, type ServerName } from './servers.ts'

export interface DrawnFlood {
  readonly on: ServerName
  readonly flood: Flood
  /** Components of the rule, as text. */
  readonly rule: string
}

/** Values a tool draws from: all of a range, or one of a few. */
interface Choice {
  readonly ranges: readonly Range[]
  readonly draw: (draw: Draw) => number
}

const inRange = (from: number, to: number): Choice => ({
  ranges: [{ from, to }],
  draw: draw => draw.between(from, to),
})

function oneOf(values: readonly number[]): Choice {
  const sorted = [...new Set(values)].sort((a, b) => a - b)
  return {
    ranges: sorted.map(value => ({ from: value, to: value })),
    draw: draw => sorted[draw.below(sorted.length)] ?? 0,
  }
}

/** From `first` to `last`: all, one, some, or a part. */
function choiceOf(draw: Draw, first: number, last: number): Choice {
  const value = () => draw.between(first, last)
  switch (draw.below(5)) {
    case 0:
      return oneOf([value()])
    case 1:
      return oneOf([value(), value()])
    case 2:
      return oneOf([value(), value(), value(), value()])
    case 3: {
      const from = value()
      return inRange(from, Math.min(last, from + 1 + draw.below(Math.ceil((last - first) / 8))))
    }
    default:
      return inRange(first, last)
  }
}

/** A port of ours: one the server listens on, or any. */
function targetOf(draw: Draw, own: readonly number[] = []): Choice {
  const port = own[draw.below(Math.max(1, own.length))]
  return port !== undefined && draw.isOneIn(2) ? oneOf([port]) : choiceOf(draw, 1, 65_535)
}

const FLAGS: readonly [number, ...number[]] = [
  SYN,
  SYN,
  ACK,
  ACK,
  PSH | ACK,
  RST,
  FIN | ACK,
  SYN | ACK,
  FIN | PSH | URG,
  0,
  SYN | URG,
  RST | URG,
]

const LARGEST_PAYLOAD = 1400

export function drawnFlood(seed: number): DrawnFlood {
  const draw = new Draw(seed)
  const names = Object.keys(SERVERS) as [ServerName, ...ServerName[]]
  const on = draw.pick(names)
  const server: { readonly tcp?: readonly number[]; readonly udp?: readonly number[] } = SERVERS[on]
  const source = choiceOf(draw, 1, 65_535)
  const octets = choiceOf(draw, 0, LARGEST_PAYLOAD)
  const kind = draw.below(20)
  if (kind < 10) {
    const target = targetOf(draw, server.udp)
    return {
      on,
      flood: packetsOf(now => udp(forged(now), source.draw(now), target.draw(now), octets.draw(now))),
      rule: `protocol =udp${ports(target, source)}${lengths(octets, 28)}`,
    }
  }
  if (kind < 17) {
    const target = targetOf(draw, server.tcp)
    const flags = draw.pick(FLAGS)
    return {
      on,
      flood: packetsOf(now =>
        tcp(forged(now), source.draw(now), target.draw(now), {
          flags,
          payload: octets.draw(now),
          options: 0,
          isRaw: now.isOneIn(2),
        }),
      ),
      rule: `protocol =tcp${ports(target, source)}${exactly(flags)}${lengths(octets, 40)}`,
    }
  }
  if (kind === 17) {
    const type = draw.pick([0, 3, 8, 13, 17])
    return {
      on,
      flood: packetsOf(now => icmp(forged(now), type, 0, octets.draw(now))),
      rule: `protocol =icmp icmp-type =${type} icmp-code =0${lengths(octets, 28)}`,
    }
  }
  const protocol = draw.pick([PROTOCOL.gre, PROTOCOL.esp, PROTOCOL.ipip, 2, 88, 103, 132, 200])
  return {
    on,
    flood: packetsOf(now => portless(forged(now), protocol, octets.draw(now))),
    rule: `protocol =${protocol}${lengths(octets, 20)}`,
  }
}

const ALL_FLAGS = 'fin+syn+rst+psh+ack+urg'
const BITS = { fin: FIN, syn: SYN, rst: RST, psh: PSH, ack: ACK, urg: URG }

/** These flags and no other of the six. */
function exactly(flags: number): string {
  const named = (isSet: boolean) =>
    Object.entries(BITS)
      .filter(([, bit]) => ((flags & bit) !== 0) === isSet)
      .map(([name]) => name)
      .join('+')
  return flags === 0 ? ` tcp-flags !${ALL_FLAGS}` : ` tcp-flags =${named(true)}&!${named(false)}`
}

const ports = (target: Choice, source: Choice): string =>
  ` destination-port ${textOf('destination-port', target.ranges)} source-port ${textOf('source-port', source.ranges)}`

const lengths = ({ ranges }: Choice, header: number): string =>
  ` packet-length ${textOf(
    'packet-length',
    ranges.map(({ from, to }) => ({ from: from + header, to: to + header })),
  )}`

const textOf = (type: NumericType, ranges: readonly Range[]): string =>
  rangesComponent(type, ranges)
    .anyOf.map(tests => tests.map(({ operator, value }) => `${operator}${value}`).join('&'))
    .join(',')
