// Conversations with a server of ours, the half that comes in: TCP, QUIC, and whatever asks and is answered.

import type { Packet } from '#lib/flowspec/matches.ts'
import type { Draw } from '../vectors/draw.ts'
import { ACK, CWR, ECE, FIN, PSH, RST, SYN, tcp, udp } from './packets.ts'
import { ownPort, type Sender } from './sender.ts'
import type { Talk } from './traffic.ts'

/** Few are long, most are short: a whole number from `least` on, seldom above a hundred times as much. */
export const tailed = (draw: Draw, least: number): number =>
  Math.min(least * 400, Math.floor(least / (1 - draw.below(65_000) / 65_536) ** 0.9))

/** The first packet of a connection, as the sender's system writes it. */
export const opening = (draw: Draw, client: Sender, port: number): Packet =>
  tcp(client, ownPort(draw, client), port, {
    flags: client.system.offersEcn ? SYN | ECE | CWR : SYN,
    options: client.system.synOptions,
  })

interface Visit {
  readonly port: number
  /** Octets of a request, least and most. */
  readonly request: readonly [least: number, most: number]
  /** Requests in one connection, at least. */
  readonly requests: number
  /** Acknowledgements of what we answer to a request, at least. */
  readonly acks: number
}

const RESET_IN = 8
const MOST_PER_SEGMENT = 1448

/** A client that connects, asks, takes what it gets, and leaves. */
export function* visit(draw: Draw, client: Sender, { port, request, requests, acks }: Visit): Talk {
  const from = ownPort(draw, client)
  const segment = (flags: number, payload = 0) => tcp(client, from, port, { flags, payload })
  yield { ...opening(draw, client, port), sourcePort: from }
  yield segment(ACK)
  for (let left = tailed(draw, requests); left > 0; left--) {
    let octets = draw.between(...request)
    for (; octets > MOST_PER_SEGMENT; octets -= MOST_PER_SEGMENT) yield segment(ACK, MOST_PER_SEGMENT)
    yield segment(PSH | ACK, octets)
    for (let more = tailed(draw, acks); more > 0; more--) yield segment(ACK)
  }
  if (draw.isOneIn(RESET_IN)) {
    yield tcp(client, from, port, { flags: draw.isOneIn(2) ? RST : RST | ACK, options: 0 })
    return
  }
  yield segment(FIN | ACK)
  yield segment(ACK)
}

/** A client that brings much: mail, a backup, a copy. */
export function* upload(draw: Draw, client: Sender, port: number, segments: number): Talk {
  const from = ownPort(draw, client)
  const full = MOST_PER_SEGMENT - (client.trait < 0.3 ? 60 : 0)
  const segment = (flags: number, payload = 0) => tcp(client, from, port, { flags, payload })
  yield { ...opening(draw, client, port), sourcePort: from }
  yield segment(ACK)
  yield segment(PSH | ACK, draw.between(12, 80))
  for (let left = tailed(draw, segments); left > 0; left--) {
    yield segment(left % 10 === 1 ? PSH | ACK : ACK, left === 1 ? draw.between(40, full) : full)
    if (draw.isOneIn(4)) yield segment(ACK)
  }
  yield draw.isOneIn(RESET_IN) ? segment(RST | ACK) : segment(FIN | ACK)
}

/** A connection of ours to a server elsewhere: what it answers, from its port to one of ours. */
export function* fetched(draw: Draw, server: Sender, port: number, segments: number): Talk {
  const ours = draw.between(32_768, 60_999)
  const full = MOST_PER_SEGMENT - (server.trait < 0.4 ? 8 : 0)
  const segment = (flags: number, payload = 0) => tcp(server, port, ours, { flags, payload })
  yield tcp(server, port, ours, { flags: SYN | ACK, options: server.system.synOptions })
  yield segment(ACK)
  for (let left = tailed(draw, segments); left > 0; left--) {
    yield segment(left % 12 === 1 ? PSH | ACK : ACK, left === 1 ? draw.between(40, full) : full)
    if (draw.isOneIn(9)) yield segment(ACK)
  }
  yield draw.isOneIn(RESET_IN) ? segment(RST) : segment(FIN | ACK)
}

/** Keys, and now and then a screen full of text: a person at a terminal, in both cases towards `port` of ours. */
export function* typing(draw: Draw, client: Sender, port: number): Talk {
  const from = ownPort(draw, client)
  const marked = { ...client, dscp: draw.pick([client.dscp, 4, 18, 18, 8]) }
  yield { ...opening(draw, client, port), sourcePort: from }
  for (let left = tailed(draw, 40); left > 0; left--) {
    const payload = draw.isOneIn(8) ? draw.between(100, 1400) : 36 + 8 * draw.below(6)
    yield tcp(marked, from, port, { flags: PSH | ACK, payload })
    if (draw.isOneIn(2)) yield tcp(marked, from, port, { flags: ACK })
  }
  yield tcp(marked, from, port, { flags: FIN | ACK })
}

/** Octets of datagrams that begin a QUIC connection: at least 1,200, and what common clients make of that. */
const INITIAL: readonly [number, ...number[]] = [1200, 1200, 1232, 1250, 1250, 1252, 1350]

export const quicInitial = (draw: Draw): number => draw.pick(INITIAL)

/** A client of a QUIC server of ours. */
export function* quicVisit(draw: Draw, client: Sender): Talk {
  const from = ownPort(draw, client)
  const initial = quicInitial(draw)
  yield udp(client, from, 443, initial)
  if (draw.isOneIn(3)) yield udp(client, from, 443, initial)
  yield udp(client, from, 443, draw.between(60, 130))
  for (let left = tailed(draw, 12); left > 0; left--) {
    const payload = draw.below(100)
    if (payload < 78) yield udp(client, from, 443, draw.between(24, 45))
    else if (payload < 94) yield udp(client, from, 443, draw.between(46, 700))
    else yield udp(client, from, 443, draw.between(700, 1350))
  }
}

/** What a QUIC server elsewhere sends to a host of ours that asked. */
export function* quicFetched(draw: Draw, server: Sender): Talk {
  const ours = draw.between(32_768, 65_535)
  const full = server.trait < 0.5 ? 1250 : 1350
  yield udp(server, 443, ours, draw.between(1200, 1252))
  for (let left = tailed(draw, 25); left > 0; left--)
    yield udp(server, 443, ours, draw.isOneIn(6) ? draw.between(24, 800) : full)
}
