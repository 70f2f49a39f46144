// Labelled packets: honest traffic of a server before, at the beginning of and during an attack, and the flood beside it.

import type { Packet } from '#lib/flowspec/matches.ts'
import { Draw } from '../vectors/draw.ts'
import type { Case } from './case.ts'
import { SERVERS, type ServerName } from './servers.ts'
import { Traffic } from './traffic.ts'

/** What honest peers send. */
export interface Honest {
  /** The calm before, thinned. */
  readonly calm: readonly Packet[]
  /** The first second of the attack. */
  readonly first: readonly Packet[]
  /** What follows it. */
  readonly later: readonly Packet[]
}

export interface HonestSize {
  readonly calm: number
  readonly perSecond: number
  readonly seconds: number
}

/** One calm packet in so many is kept, so that calm tells of more conversations than the attack sees. */
const CALM_THINNED = 5
/** Floods and honest traffic must not come from the same numbers. */
const HONEST_SEED = 7919
const FLOOD_SEED = 104_729

/** The same seed gives the same packets. Between calm and attack the shares of its parts wander, as they do in hours. */
export function honestOf(server: ServerName, seed: number, size: HonestSize): Honest {
  const place = Object.keys(SERVERS).indexOf(server)
  const draw = new Draw(seed * HONEST_SEED + place)
  const traffic = new Traffic(SERVERS[server].parts(draw), draw)
  const calm: Packet[] = []
  for (let at = 0; at < size.calm * CALM_THINNED; at++) {
    const packet = traffic.next()
    if (at % CALM_THINNED === 0) calm.push(packet)
  }
  traffic.wander()
  const take = (count: number) => Array.from({ length: count }, () => traffic.next())
  return { calm, first: take(size.perSecond), later: take(size.perSecond * size.seconds) }
}

export interface Flooded {
  readonly first: readonly Packet[]
  /** Of the seconds that follow, thinned. */
  readonly later: readonly Packet[]
  /** Packets of the flood in a packet of both, 0 to 1. */
  readonly share: number
}

/** The least and the most a flood has of all packets, in a thousand. */
const SHARES = [800, 970] as const

export function floodOf({ name, flood }: Case, seed: number, packets: number): Flooded {
  const letters = [...name].reduce((sum, letter) => (sum * 31 + (letter.codePointAt(0) ?? 0)) % 65_521, 7)
  const draw = new Draw(seed * FLOOD_SEED + letters)
  const traffic = new Traffic(flood(draw), draw)
  const take = (count: number) => Array.from({ length: count }, () => traffic.next())
  return { first: take(FIRST_PACKETS), later: take(packets), share: draw.between(...SHARES) / 1000 }
}

/** From which the samples of the first second are drawn. */
const FIRST_PACKETS = 3000

/** Samples of the first second of both together, evenly chosen, in no order that tells. */
export function samplesOf(
  honest: readonly Packet[],
  flooded: Flooded,
  samples: number,
  seed: number,
): Packet[] {
  const draw = new Draw(seed)
  const isFlood = () => draw.below(1000) < flooded.share * 1000
  return Array.from({ length: samples }, () => {
    const list = isFlood() ? flooded.first : honest
    const packet = list[draw.below(list.length)]
    if (packet === undefined) throw new RangeError('both have packets in the first second')
    return packet
  })
}
