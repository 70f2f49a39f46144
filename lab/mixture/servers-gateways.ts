// Hosts of ours that carry others' traffic, or fetch much themselves: clients, gateways and ends of tunnels.

import type { Draw } from '../vectors/draw.ts'
import { answerOctets, chatter, inFragments } from './chatter.ts'
import { cut, icmp, PROTOCOL, portless, udp } from './packets.ts'
import { Crowd, type Sender } from './sender.ts'
import type { Server } from './server.ts'
import { fetched, quicFetched, tailed, visit } from './talks.ts'
import { each, type Talk } from './traffic.ts'

const download: Server = {
  title: 'host that fetches files',
  parts: draw => {
    const caches = new Crowd(draw, 30, 6)
    return [
      { share: 88_000, atOnce: 30, begin: now => fetched(now, caches.next(now), 443, 300) },
      { share: 3000, atOnce: 3, begin: now => fetched(now, caches.next(now), 80, 100) },
      { share: 7000, atOnce: 5, begin: now => quicFetched(now, caches.next(now)) },
      ...chatter(draw),
    ]
  },
}

/** Where the connections of clients go. */
export const SERVICE_PORTS: readonly [number, ...number[]] = [
  443, 443, 443, 443, 80, 80, 993, 5222, 5223, 5228, 22, 8080,
]

/** Peers that share files: ports are drawn, packets are either short or full. */
function* sharing(draw: Draw, peer: Sender): Talk {
  const [from, ours] = [draw.between(1024, 65_535), draw.between(1024, 65_535)]
  for (let left = tailed(draw, 5); left > 0; left--)
    yield udp(peer, from, ours, draw.isOneIn(3) ? draw.between(1000, 1400) : draw.between(20, 90))
}

/** The evening of three thousand people behind one address. */
const eyeballs: Server = {
  title: 'address that 3,000 people share',
  parts: draw => {
    const servers = new Crowd(draw, 3000, 200)
    const games = new Crowd(draw, 40)
    const peers = new Crowd(draw, 3000, 700)
    const answering = new Crowd(draw, 6)
    const clocks = new Crowd(draw, 40)
    const relays = new Crowd(draw, 12)
    return [
      {
        share: 60_000,
        atOnce: 800,
        begin: now => fetched(now, servers.next(now), now.pick(SERVICE_PORTS), 3),
      },
      { share: 26_000, atOnce: 200, begin: now => quicFetched(now, servers.next(now)) },
      each(2500, now => udp(answering.next(now), 53, now.between(1024, 65_535), answerOctets(now))),
      each(60, now => udp(clocks.next(now), 123, now.isOneIn(3) ? 123 : now.between(1024, 65_535), 48)),
      each(3500, now =>
        udp(
          games.next(now),
          now.pick([27_015, 27_016, 3074, 7777, 9000]),
          now.between(1024, 65_535),
          now.between(30, 500),
        ),
      ),
      { share: 3500, atOnce: 80, begin: now => sharing(now, peers.next(now)) },
      // Calls through relays: media from the port of STUN.
      each(2000, now =>
        udp(
          relays.next(now),
          3478,
          now.between(1024, 65_535),
          now.isOneIn(20) ? now.between(32, 88) : now.between(60, 1150),
        ),
      ),
      each(900, now => udp(relays.next(now), 51_820, now.between(1024, 65_535), 16 * now.between(2, 88))),
      each(700, now => udp(relays.next(now), 4500, now.between(1024, 65_535), 4 * now.between(20, 340))),
      each(120, now => portless(relays.next(now), PROTOCOL.gre, now.between(60, 1400))),
      each(120, now => icmp(servers.next(now), 0, 0, now.pick([32, 56]))),
      inFragments(250, now =>
        udp(relays.next(now), 4500, now.between(1024, 65_535), now.between(1473, 1540)),
      ),
      ...chatter(draw, { answers: 0 }),
    ]
  },
}

/** Octets of a packet inside of a tunnel: acknowledgements, full segments, the rest. */
export const tunnelled = (draw: Draw): number =>
  draw.pick([60, 60, 60, 1360, 1360, 1360, draw.between(60, 1360)])

const WIREGUARD = 51_820

const vpn: Server = {
  title: 'concentrator of VPNs: ESP and WireGuard',
  udp: [500, 4500, WIREGUARD],
  parts: draw => {
    const gateways = new Crowd(draw, 60)
    const people = new Crowd(draw, 700, 90)
    const fromPerson = (now: Draw, port: number, octets: number) => {
      const one = people.next(now)
      return udp(one, port === 500 && now.isOneIn(2) ? 500 : portOf(one), port, octets)
    }
    return [
      each(45_000, now =>
        portless(gateways.next(now), PROTOCOL.esp, 4 * Math.ceil((tunnelled(now) + 36) / 4)),
      ),
      each(30_000, now => fromPerson(now, WIREGUARD, 32 + 16 * Math.ceil(tunnelled(now) / 16))),
      each(20_000, now => fromPerson(now, 4500, 4 * Math.ceil((tunnelled(now) + 36) / 4))),
      each(350, now => fromPerson(now, 500, now.between(200, 900))),
      inFragments(1500, now => fromPerson(now, 4500, now.between(1473, 1540))),
      { share: 2000, atOnce: 1, begin: now => fragmentedEsp(now, gateways.next(now)) },
      ...chatter(draw),
    ]
  },
}

const portOf = ({ trait }: Sender): number => 1024 + Math.floor(trait * 64_000)

function* fragmentedEsp(draw: Draw, gateway: Sender): Talk {
  const whole = portless(gateway, PROTOCOL.esp, 1400)
  yield* cut({ ...whole, length: draw.between(1504, 1560) })
}

const tunnels: Server = {
  title: 'end of tunnels: GRE, IP in IP, BGP, OSPF',
  tcp: [179],
  parts: draw => {
    const offices = new Crowd(draw, 40)
    const neighbours = new Crowd(draw, 6)
    return [
      each(70_000, now => portless(offices.next(now), PROTOCOL.gre, tunnelled(now))),
      each(24_000, now => portless(offices.next(now), PROTOCOL.ipip, tunnelled(now))),
      {
        share: 4000,
        atOnce: 6,
        begin: now =>
          visit(
            now,
            { ...neighbours.next(now), dscp: 48 },
            { port: 179, request: [19, 1400], requests: 20, acks: 1 },
          ),
      },
      each(400, now => ({
        ...portless(neighbours.next(now), PROTOCOL.ospf, now.between(44, 100)),
        dscp: 48,
      })),
      ...chatter(draw, { pings: 300 }),
    ]
  },
}

export const GATEWAYS = { download, eyeballs, vpn, tunnels } as const satisfies Readonly<
  Record<string, Server>
>
