// What hosts of ours have in calm: for each of a bounded number of them a reservoir of packets in compact form.
//
// By two numbers a packet is familiar: protocol and length class with the host's own port, and with the peer's. A packet is
// when one of them is in the reservoir. Who is sampled often keeps its place: a newcomer has to wear down the place
// it wants, so that a scan over a whole network does not push the busy ones out.
//
// Memory: 16 bytes a packet, so 33 MB when all places are full; a place begins with 32 packets and doubles.

import { PlaceTable } from '#lib/hash/place-table.ts'
import { contains, type Prefix } from '#lib/ip/prefix.ts'
import {
  addressOf,
  CALM_WORDS,
  type CalmHost,
  type CalmPacket,
  type CalmRecord,
  type CalmUntil,
  calmPacketOf,
  mixFieldsOf,
  stamped,
} from './calm-packet.ts'

/** Hosts with a reservoir, and samples in each. */
export const TARGETS_MAX = 2000
export const MIX_SAMPLES_MAX = 1024
const FIRST_SAMPLES = 32
/** Fewer samples tell nothing. */
export const MIX_SAMPLES_MIN = 64
/** Older samples are replaced as if so many had been seen at most. */
const SEEN_MAX = MIX_SAMPLES_MAX * 8
const STAMINA_MAX = 255

/** The two forms of a sample. */
export interface MixKeys {
  readonly own: number
  readonly peer: number
}

interface Mix extends CalmHost {
  key: number
  family: number
  a: number
  b: number
  c: number
  d: number
  words: Uint32Array
  used: number
  seen: number
  stamina: number
}

export class CalmMixes {
  readonly #places: Mix[] = []
  readonly #placeOf = new PlaceTable(TARGETS_MAX)
  #hand = 0
  #random: number

  constructor(seed: number) {
    this.#random = seed | 1
  }

  /** A calm packet of a host, learned at this moment of any clock that only goes forward. */
  add(record: CalmRecord, seconds: number): void {
    const mix = this.#of(record.key) ?? this.#enter(record)
    if (mix === undefined) return
    if (mix.stamina < STAMINA_MAX) mix.stamina++
    if (mix.seen < SEEN_MAX) mix.seen++
    const place = mix.used < MIX_SAMPLES_MAX ? mix.used : this.#below(mix.seen)
    if (place >= MIX_SAMPLES_MAX) return
    if (place === mix.used) {
      if (place * CALM_WORDS === mix.words.length) grow(mix)
      mix.used++
    }
    const at = place * CALM_WORDS
    mix.words[at] = record.head
    mix.words[at + 1] = record.ports
    mix.words[at + 2] = record.peer
    mix.words[at + 3] = stamped(record.rest, seconds)
  }

  /** Ports and lengths the host has in calm; `undefined` while too few samples are known. */
  familiar(host: number): ReadonlySet<number> | undefined {
    const mix = this.#of(host)
    if (mix === undefined || mix.used < MIX_SAMPLES_MIN) return undefined
    const keys = new Set<number>()
    for (let at = 0; at < mix.used * CALM_WORDS; at += CALM_WORDS) {
      const { isIncoming, protocol, own, peer, bytes } = mixFieldsOf(mix.words, at)
      const packet = mixKeysOf(isIncoming, protocol, own, peer, bytes)
      keys.add(packet.own).add(packet.peer)
    }
    return keys
  }

  /** Calm packets to the hosts of these prefixes, or from them: at most so many, of several hosts as many of each as there is room for. */
  packetsOf(prefixes: readonly Prefix[], isIncoming: boolean, most: number, until: CalmUntil): CalmPacket[] {
    const isMeant = (mix: Mix) => {
      const address = addressOf(mix)
      return prefixes.some(prefix => contains(prefix, address))
    }
    const mixes = this.#places.filter(mix => mix.used > 0 && isMeant(mix))
    const each = Math.ceil(most / Math.max(1, mixes.length))
    return mixes.flatMap(mix => packetsOf(mix, isIncoming, each, until)).slice(0, most)
  }

  samplesOf(host: number): number {
    return this.#of(host)?.used ?? 0
  }

  get count(): number {
    return this.#placeOf.size
  }

  #of(host: number): Mix | undefined {
    const place = this.#placeOf.find(host)
    return place < 0 ? undefined : this.#places[place]
  }

  #enter(host: CalmHost): Mix | undefined {
    const place = this.#places.length < TARGETS_MAX ? this.#makePlace() : this.#takePlace()
    if (place < 0) return undefined
    const mix = this.#places[place]!
    mix.key = host.key
    mix.family = host.family
    mix.a = host.a
    mix.b = host.b
    mix.c = host.c
    mix.d = host.d
    this.#placeOf.put(host.key, place)
    return mix
  }

  #makePlace(): number {
    const nobody = { key: 0, family: 4, a: 0, b: 0, c: 0, d: 0 }
    const words = new Uint32Array(FIRST_SAMPLES * CALM_WORDS)
    return this.#places.push({ ...nobody, words, used: 0, seen: 0, stamina: 0 }) - 1
  }

  /** With its memory: under a scan this happens for nearly every sample. -1: who has the place keeps it. */
  #takePlace(): number {
    this.#hand = (this.#hand + 1) % TARGETS_MAX
    const held = this.#places[this.#hand]!
    if (held.stamina > 0) {
      held.stamina--
      return -1
    }
    this.#placeOf.remove(held.key)
    held.used = held.seen = 0
    return this.#hand
  }

  /** A whole number below `count`, from a xorshift generator: the same seed draws the same samples. */
  #below(count: number): number {
    let word = this.#random
    word ^= word << 13
    word ^= word >>> 17
    word ^= word << 5
    this.#random = word
    return (word >>> 0) % count
  }
}

/** Every n-th of its packets, so that there are at most so many. */
function packetsOf(mix: Mix, isIncoming: boolean, most: number, until: CalmUntil): CalmPacket[] {
  const packets: CalmPacket[] = []
  const step = Math.ceil(mix.used / most)
  for (let place = 0; place < mix.used; place += step) {
    const packet = calmPacketOf(mix.words, place * CALM_WORDS, mix, isIncoming, until)
    if (packet !== undefined) packets.push(packet)
  }
  return packets
}

function grow(mix: Mix): void {
  const larger = new Uint32Array(Math.min(MIX_SAMPLES_MAX * CALM_WORDS, mix.words.length * 2))
  larger.set(mix.words)
  mix.words = larger
}

/** Lengths within about a quarter of each other are one class. */
const lengthClass = (bytes: number): number => Math.floor(Math.log2(Math.max(1, bytes)) * 3)

/** The two forms of a packet with these ports, one the host's own. */
export function mixKeysOf(
  isIncoming: boolean,
  protocol: number,
  ownPort: number,
  peerPort: number,
  bytes: number,
): MixKeys {
  const base = ((isIncoming ? 1 : 0) << 31) | (protocol << 22) | (lengthClass(bytes) << 16)
  return { own: (base ^ ownPort) >>> 0, peer: (base ^ peerPort ^ PEER) >>> 0 }
}

/** Tells a peer's port from one of the host. */
const PEER = 1 << 30
