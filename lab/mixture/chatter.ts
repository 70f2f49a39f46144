// What comes to every server whatever it is for: answers to its own questions, pings, errors, its operator, and noise.

import type { Draw } from '../vectors/draw.ts'
import { cut, icmp, SYN, tcp, udp } from './packets.ts'
import { Crowd, forged, ownPort } from './sender.ts'
import { fetched, typing } from './talks.ts'
import { each, type Part } from './traffic.ts'

/** Octets of a DNS message that answers: most are short, signed ones go up to what is asked for (RFC 9715: 1,232). */
export const answerOctets = (draw: Draw): number => {
  const kind = draw.below(100)
  if (kind < 70) return draw.between(45, 180)
  if (kind < 93) return draw.between(120, 520)
  return draw.between(500, 1232)
}

/** Octets of a query: header, a name, perhaps EDNS with a cookie. */
export const queryOctets = (draw: Draw): number => {
  const name = 12 + 5 + draw.between(6, 38)
  return draw.below(10) < 6 ? name + 11 + (draw.isOneIn(3) ? 12 : 0) : name
}

const ERRORS: readonly [readonly [number, number], ...(readonly [number, number])[]] = [
  [3, 4],
  [3, 1],
  [3, 3],
  [3, 13],
  [11, 0],
]

interface Habits {
  /** Answers of its resolvers, in packets of a hundred thousand. Default 600. */
  readonly answers?: number
  readonly pings?: number
}

/** Together about one packet in a hundred, unless told otherwise. */
export function chatter(draw: Draw, { answers = 600, pings = 25 }: Habits = {}): Part[] {
  const resolvers = new Crowd(draw, 2)
  const clocks = new Crowd(draw, 4)
  const monitors = new Crowd(draw, 8)
  const routers = new Crowd(draw, 400)
  const servers = new Crowd(draw, 30)
  const operators = new Crowd(draw, 3)
  return [
    each(answers, now => udp(resolvers.next(now), 53, ownEphemeral(now), answerOctets(now))),
    each(6, now => udp(clocks.next(now), 123, now.isOneIn(2) ? 123 : ownEphemeral(now), 48)),
    each(pings, now => icmp(monitors.next(now), 8, 0, now.isOneIn(4) ? 32 : 56)),
    each(30, now => icmp(routers.next(now), ...now.pick(ERRORS), now.between(28, 96))),
    { share: 220, atOnce: 12, begin: now => fetched(now, servers.next(now), now.isOneIn(20) ? 80 : 443, 12) },
    { share: 60, atOnce: 2, begin: now => typing(now, operators.next(now), 22) },
    each(25, scan),
    each(5, probe),
  ]
}

const ownEphemeral = (draw: Draw): number => draw.between(32_768, 60_999)

const SCANNED: readonly [number, ...number[]] = [22, 23, 25, 80, 81, 443, 445, 2323, 3389, 5555, 8080, 8443]

/** Somebody looks what is open. */
const scan = (draw: Draw) => {
  const from = forged(draw)
  const port = draw.isOneIn(3) ? draw.between(1, 65_535) : draw.pick(SCANNED)
  return tcp(from, ownPort(draw, from), port, { flags: SYN, options: draw.pick([0, 4, 20]), isRaw: true })
}

const PROBED: readonly [number, ...number[]] = [53, 123, 161, 1900, 5060, 5353, 11_211]

const probe = (draw: Draw) => {
  const from = forged(draw)
  return udp(from, ownPort(draw, from), draw.pick(PROBED), draw.between(8, 60))
}

/** Datagrams too long for one packet: whoever sends them, all parts in order. */
export const inFragments = (share: number, make: (draw: Draw) => ReturnType<typeof udp>): Part => ({
  share,
  atOnce: 1,
  begin: function* (draw) {
    yield* cut(make(draw))
  },
})
