// Floods, as their tools make them: each is traffic of parts, as honest traffic is.

import type { Packet } from '#lib/flowspec/matches.ts'
import { SERVICES } from '../vectors/amplified.ts'
import type { Draw } from '../vectors/draw.ts'
import { cut, icmp, middleFragment, portless, tcp, udp } from './packets.ts'
import { Crowd, forged, hostsOfOneNetwork, type Sender } from './sender.ts'
import { each, type Part } from './traffic.ts'

/** What an attacker sends; whom he uses is drawn anew by each call. */
export type Flood = (draw: Draw) => readonly Part[]

const ALL = 100_000

const single =
  (make: (draw: Draw) => Packet): Flood =>
  () => [each(ALL, make)]

/** Several at once: shares in a hundred. */
export const together =
  (...floods: readonly (readonly [share: number, flood: Flood])[]): Flood =>
  draw =>
    floods.flatMap(([hundredth, flood]) => {
      const parts = flood(draw)
      const total = parts.reduce((sum, { share }) => sum + share, 0)
      return parts.map(part => ({ ...part, share: (part.share / total) * hundredth * 1000 }))
    })

interface Amplified {
  /** Ports of ours that answers go to. Default: seven in ten anywhere, the others where a web server listens. */
  readonly targets?: (draw: Draw) => number
  /** Octets of an answer, least and most; default those of the service. */
  readonly octets?: readonly [least: number, most: number]
}

const REFLECTORS = 2500
const anyPort = (draw: Draw): number => draw.between(1024, 65_535)
const oftenWeb = (draw: Draw): number => (draw.below(10) < 7 ? anyPort(draw) : draw.pick([80, 443, 8080]))

/**
 * Answers of abused servers. Each has an answer of a length of its own, from which some of its packets differ by a few
 * octets; what does not fit into a packet comes in fragments, of which only the first has ports.
 */
export function amplified(name: keyof typeof SERVICES, options: Amplified = {}): Flood {
  const service = SERVICES[name]
  if (service === undefined) throw new RangeError(`no service is called ${name}`)
  const [least, most] = options.octets ?? service.bytes
  const targets = options.targets ?? oftenWeb
  return draw => {
    const reflectors = new Crowd(draw, REFLECTORS)
    return [
      {
        share: ALL,
        atOnce: 1,
        begin: function* (now) {
          const reflector = reflectors.next(now)
          const usual = least + Math.round(reflector.trait * (most - least))
          const octets = now.isOneIn(3) ? Math.min(most, Math.max(least, usual + now.between(-6, 6))) : usual
          yield* cut(udp({ ...reflector, system: WITHOUT_DONT }, service.port, targets(now), octets))
        },
      },
    ]
  }
}

/** Answers of abused servers may be cut. */
const WITHOUT_DONT: Sender['system'] = {
  synOptions: 0,
  options: 0,
  ports: [1024, 65_535],
  offersEcn: false,
  keepsUdpWhole: false,
}

interface Segments {
  readonly ports: readonly [number, ...number[]] | 'any'
  /** Source ports, drawn from these. Default any above 1023. */
  readonly sources?: readonly [number, ...number[]]
  /** Octets of options, drawn from these. */
  readonly options?: readonly [number, ...number[]]
  readonly payload?: readonly [least: number, most: number]
  readonly who?: (draw: Draw) => Sender
}

/** TCP with the same flags, or some of these, from forged addresses. */
export const segments = (
  flags: readonly [number, ...number[]],
  { ports, sources, options = [0], payload = [0, 0], who = forged }: Segments,
): Flood =>
  single(draw =>
    tcp(
      who(draw),
      sources ? draw.pick(sources) : anyPort(draw),
      ports === 'any' ? draw.between(1, 65_535) : draw.pick(ports),
      {
        flags: draw.pick(flags),
        options: draw.pick(options),
        payload: draw.between(...payload),
        // Some tools set don't-fragment, some do not.
        isRaw: draw.isOneIn(2),
      },
    ),
  )

interface Datagrams {
  readonly ports: readonly [number, ...number[]] | 'any'
  readonly octets: readonly [least: number, most: number]
  readonly from?: readonly [first: number, last: number]
  readonly who?: (draw: Draw) => Sender
}

export const datagrams = ({ ports, octets, from = [1024, 65_535], who = forged }: Datagrams): Flood =>
  single(draw =>
    udp(
      { ...who(draw), system: WITHOUT_DONT },
      draw.between(...from),
      ports === 'any' ? draw.between(1, 65_535) : draw.pick(ports),
      draw.between(...octets),
    ),
  )

/** A protocol without ports, or some of these. */
export const ofProtocol = (
  protocols: readonly [first: number, last: number],
  octets: readonly [least: number, most: number],
): Flood => single(draw => portless(forged(draw), draw.between(...protocols), draw.between(...octets)))

export const messages = (
  type: number,
  codes: readonly [number, ...number[]],
  octets: readonly [least: number, most: number],
): Flood => single(draw => icmp(forged(draw), type, draw.pick(codes), draw.between(...octets)))

/** Datagrams in fragments, all parts of them. */
export const fragmented =
  (octets: readonly [least: number, most: number]): Flood =>
  () => [
    {
      share: ALL,
      atOnce: 1,
      begin: draw =>
        cut(
          udp(
            { ...forged(draw), system: WITHOUT_DONT },
            anyPort(draw),
            anyPort(draw),
            draw.between(...octets),
          ),
        )[Symbol.iterator](),
    },
  ]

/** Fragments from the middle of datagrams that never begin. */
export const middles = (
  protocols: readonly [number, ...number[]],
  octets: readonly [number, number],
): Flood =>
  single(draw =>
    middleFragment(forged(draw), draw.pick(protocols), 8 * Math.floor(draw.between(...octets) / 8)),
  )

/** Any packets at all, one by one. */
export const packetsOf = single

/** Where hosts stand that do not forge their addresses; no honest peer does. */
export const NETWORK = '198.51.100.0/24'

/** Packets of so many hosts of one /24. */
export const fromNetwork =
  (count: number, make: (draw: Draw, from: Sender) => Packet): Flood =>
  draw => {
    const hosts = hostsOfOneNetwork(draw, count)
    return [each(ALL, now => make(now, hosts[now.below(hosts.length)] ?? forged(now)))]
  }
