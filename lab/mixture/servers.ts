// Hosts of ours that are attacked, each with the honest traffic that comes to one of its kind.

import type { Draw } from '../vectors/draw.ts'
import { answerOctets, chatter, inFragments, queryOctets } from './chatter.ts'
import { udp } from './packets.ts'
import { Crowd, ownPort } from './sender.ts'
import type { Server } from './server.ts'
import { GATEWAYS } from './servers-gateways.ts'
import { quicVisit, typing, upload, visit } from './talks.ts'
import { each } from './traffic.ts'

const PAGES = { request: [180, 1900], requests: 1, acks: 2 } as const

const web: Server = {
  title: 'web server',
  tcp: [80, 443],
  parts: draw => {
    const visitors = new Crowd(draw, 4000, 300)
    return [
      { share: 92_000, atOnce: 400, begin: now => visit(now, visitors.next(now), { port: 443, ...PAGES }) },
      { share: 7000, atOnce: 60, begin: now => visit(now, visitors.next(now), { port: 80, ...PAGES }) },
      ...chatter(draw),
    ]
  },
}

const quic: Server = {
  title: 'web server that speaks QUIC',
  tcp: [80, 443],
  udp: [443],
  parts: draw => {
    const visitors = new Crowd(draw, 4000, 300)
    return [
      { share: 58_000, atOnce: 300, begin: now => quicVisit(now, visitors.next(now)) },
      { share: 39_000, atOnce: 200, begin: now => visit(now, visitors.next(now), { port: 443, ...PAGES }) },
      { share: 2000, atOnce: 20, begin: now => visit(now, visitors.next(now), { port: 80, ...PAGES }) },
      ...chatter(draw),
    ]
  },
}

/** People ping a well-known resolver to see whether their own network is up. */
const RESOLVER_PINGS = 3000

const resolver: Server = {
  title: 'resolver',
  tcp: [53, 853],
  udp: [53],
  parts: draw => {
    const customers = new Crowd(draw, 6000, 12)
    const authorities = new Crowd(draw, 3000)
    return [
      each(70_000, now => {
        const customer = customers.next(now)
        return udp(customer, ownPort(now, customer), 53, queryOctets(now))
      }),
      each(24_000, now => udp(authorities.next(now), 53, now.between(1024, 65_535), answerOctets(now))),
      {
        share: 2500,
        atOnce: 40,
        begin: now =>
          visit(now, customers.next(now), {
            port: now.isOneIn(4) ? 53 : 853,
            request: [40, 160],
            requests: 2,
            acks: 1,
          }),
      },
      ...chatter(draw, { answers: 0, pings: RESOLVER_PINGS }),
    ]
  },
}

const authority: Server = {
  title: 'authoritative name server',
  tcp: [53],
  udp: [53],
  parts: draw => {
    const resolvers = new Crowd(draw, 20_000)
    return [
      each(97_500, now => {
        const asking = resolvers.next(now)
        // Some resolvers of old ask from their own port 53.
        const from = now.below(1000) < 6 ? 53 : now.between(1024, 65_535)
        return udp(asking, from, 53, queryOctets(now))
      }),
      {
        share: 1500,
        atOnce: 20,
        begin: now => visit(now, resolvers.next(now), { port: 53, request: [40, 120], requests: 1, acks: 1 }),
      },
      ...chatter(draw, { answers: 60 }),
    ]
  },
}

const mail: Server = {
  title: 'mail server',
  tcp: [25, 465, 587, 993],
  parts: draw => {
    const others = new Crowd(draw, 900)
    const users = new Crowd(draw, 500, 40)
    const reading = { request: [30, 400], requests: 4, acks: 2 } as const
    return [
      { share: 60_000, atOnce: 80, begin: now => upload(now, others.next(now), 25, 6) },
      { share: 12_000, atOnce: 30, begin: now => upload(now, users.next(now), now.pick([465, 587]), 8) },
      { share: 21_000, atOnce: 120, begin: now => visit(now, users.next(now), { port: 993, ...reading }) },
      // Lists of known senders are asked by DNS for every mail.
      ...chatter(draw, { answers: 6000 }),
    ]
  },
}

const GAME_PORT = 27_015

const game: Server = {
  title: 'game server',
  tcp: [GAME_PORT],
  udp: [GAME_PORT],
  parts: draw => {
    const players = new Crowd(draw, 90, 60)
    const lookers = new Crowd(draw, 2000, 200)
    return [
      {
        share: 96_000,
        atOnce: 64,
        begin: function* (now) {
          const player = players.next(now)
          const from = now.isOneIn(5) ? 27_005 : ownPort(now, player)
          const usual = 30 + Math.floor(player.trait * 60)
          for (let left = 4000; left > 0; left--) {
            const talks = now.isOneIn(12)
            yield udp(player, from, GAME_PORT, talks ? now.between(90, 330) : usual + now.below(45))
          }
        },
      },
      each(2500, now => {
        const looker = lookers.next(now)
        return udp(looker, ownPort(now, looker), GAME_PORT, now.pick([25, 25, 29, 9, 9]))
      }),
      { share: 200, atOnce: 1, begin: now => visit(now, players.next(now), { port: GAME_PORT, ...PAGES }) },
      ...chatter(draw),
    ]
  },
}

const clock: Server = {
  title: 'time server of the pool',
  tcp: [4460],
  udp: [123],
  parts: draw => {
    const asking = new Crowd(draw, 30_000, 2000)
    const above = new Crowd(draw, 5)
    return [
      each(98_300, now => {
        const one = asking.next(now)
        // Four in five come through translators of addresses or from clients that draw a port; 20 octets are a key and digest.
        const from = one.trait < 0.2 ? 123 : now.between(1024, 65_535)
        return udp(one, from, 123, one.trait > 0.99 ? 68 : 48)
      }),
      each(40, now => udp(above.next(now), 123, 123, 48)),
      {
        share: 300,
        atOnce: 8,
        begin: now => visit(now, asking.next(now), { port: 4460, request: [180, 500], requests: 1, acks: 1 }),
      },
      ...chatter(draw, { answers: 30 }),
    ]
  },
}

const EXPEDITED = 46
const SIGNALLING = 24

const voice: Server = {
  title: 'telephone exchange: SIP and RTP',
  tcp: [5060, 5061],
  udp: [5060, ...Array.from({ length: 10_001 }, (_, at) => 10_000 + at)],
  parts: draw => {
    const phones = new Crowd(draw, 800, 80)
    const trunks = new Crowd(draw, 6)
    /** G.711 with 20 ms in each packet, G.729, and Opus, whose packets differ in length. */
    const octets = (now: Draw, codec: number) =>
      12 + (codec < 0.6 ? 160 : codec < 0.75 ? 20 : now.between(60, 150))
    return [
      {
        share: 92_000,
        atOnce: 150,
        begin: function* (now) {
          const one = now.isOneIn(2) ? trunks.next(now) : phones.next(now)
          const phone = { ...one, dscp: now.below(10) < 6 ? EXPEDITED : one.dscp }
          const from = now.between(1024, 32_767) * 2
          const port = 10_000 + 2 * now.below(5000)
          const codec = now.below(1000) / 1000
          for (let left = tailedCall(now); left > 0; left--) {
            yield udp(phone, from, port, octets(now, codec))
            if (now.isOneIn(250)) yield udp(phone, from + 1, port + 1, now.between(52, 120))
          }
        },
      },
      each(5200, now => {
        const one = phones.next(now)
        const from = now.isOneIn(3) ? ownPort(now, one) : 5060
        return udp(
          { ...one, dscp: now.isOneIn(2) ? SIGNALLING : one.dscp },
          from,
          5060,
          now.between(330, 1250),
        )
      }),
      // Descriptions of calls with video do not fit into one packet.
      inFragments(300, now => udp(phones.next(now), 5060, 5060, now.between(1480, 2200))),
      {
        share: 1200,
        atOnce: 40,
        begin: now =>
          visit(now, phones.next(now), { port: 5061, request: [300, 1300], requests: 3, acks: 1 }),
      },
      each(60, now => udp(trunks.next(now), 3478, now.between(10_000, 20_000), now.between(32, 88))),
      ...chatter(draw),
    ]
  },
}

const tailedCall = (draw: Draw): number => draw.between(500, 6000)

const bastion: Server = {
  title: 'host that people log in to',
  tcp: [22],
  parts: draw => {
    const people = new Crowd(draw, 120, 40)
    const guessing = new Crowd(draw, 700)
    return [
      { share: 60_000, atOnce: 60, begin: now => typing(now, people.next(now), 22) },
      { share: 33_000, atOnce: 5, begin: now => upload(now, people.next(now), 22, 200) },
      // Somebody always tries passwords.
      {
        share: 5000,
        atOnce: 20,
        begin: now => visit(now, guessing.next(now), { port: 22, request: [40, 900], requests: 3, acks: 1 }),
      },
      ...chatter(draw),
    ]
  },
}

/** By name, as cases and tables call them. */
export const SERVERS = {
  web,
  quic,
  resolver,
  authority,
  mail,
  game,
  clock,
  voice,
  bastion,
  ...GATEWAYS,
} as const satisfies Readonly<Record<string, Server>>

export type ServerName = keyof typeof SERVERS
