// What hosts of ours have in calm: for each of a bounded number of them a reservoir of packets in compact form.
//
// By two numbers a packet is familiar: protocol and length class with the host's own port, and with the peer's. A packet is
// when one of them is in the reservoir. Who is sampled often keeps its place: a newcomer has to wear down the place
// it wants, so that a scan over a whole network does not push the busy ones out.
//
// Memory: 16 bytes a packet, so 33 MB when all places are full, and no more than 512 bytes for a place with a few.

import { PlaceTable } from '#lib/hash/place-table.ts'
import { contains, type Prefix } from '#lib/ip/prefix.ts'
import {
  addressOf,
  type CalmHost,
  type CalmPacket,
  type CalmRecord,
  type CalmUntil,
  calmPacketOf,
  mixFieldsOf,
} from './calm-packet.ts'
import { CalmReservoirs } from './calm-reservoirs.ts'

/** Hosts with a reservoir, and samples in each. */
export const TARGETS_MAX = 2000
export const MIX_SAMPLES_MAX = 1024
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

export class CalmMixes {
  readonly #reservoirs = new CalmReservoirs(TARGETS_MAX, MIX_SAMPLES_MAX)
  readonly #placeOf = new PlaceTable(TARGETS_MAX)
  /** Places that were given out. */
  #places = 0
  #hand = 0
  #random: number

  constructor(seed: number) {
    this.#random = seed | 1
  }

  /** A calm packet of a host, learned at this moment of any clock that only goes forward. */
  add(record: CalmRecord, seconds: number): void {
    const known = this.#placeOf.find(record.key)
    const place = known < 0 ? this.#enter(record) : known
    if (place < 0) return
    const reservoirs = this.#reservoirs
    reservoirs.strengthen(place, STAMINA_MAX)
    const used = reservoirs.usedOf(place)
    const seen = reservoirs.saw(place, SEEN_MAX)
    const sample = used < MIX_SAMPLES_MAX ? used : this.#below(seen)
    if (sample < MIX_SAMPLES_MAX) reservoirs.keep(place, sample, record, seconds)
  }

  /** Ports and lengths the host has in calm; `undefined` while too few samples are known. */
  familiar(host: number): ReadonlySet<number> | undefined {
    const used = this.samplesOf(host)
    if (used < MIX_SAMPLES_MIN) return undefined
    const place = this.#placeOf.find(host)
    const keys = new Set<number>()
    for (let sample = 0; sample < used; sample++) {
      const { words, at } = this.#reservoirs.sample(place, sample)
      const { isIncoming, protocol, own, peer, bytes } = mixFieldsOf(words, at)
      const packet = mixKeysOf(isIncoming, protocol, own, peer, bytes)
      keys.add(packet.own).add(packet.peer)
    }
    return keys
  }

  /** Calm packets to the hosts of these prefixes, or from them: at most so many, of several hosts as many of each as there is room for. */
  packetsOf(prefixes: readonly Prefix[], isIncoming: boolean, most: number, until: CalmUntil): CalmPacket[] {
    const places = this.#placesIn(prefixes)
    const each = Math.ceil(most / Math.max(1, places.length))
    return places.flatMap(place => this.#packetsOf(place, isIncoming, each, until)).slice(0, most)
  }

  #placesIn(prefixes: readonly Prefix[]): number[] {
    return Array.from({ length: this.#places }, (_, place) => place).filter(place => {
      if (this.#reservoirs.usedOf(place) === 0) return false
      const address = addressOf(this.#reservoirs.hostOf(place))
      return prefixes.some(prefix => contains(prefix, address))
    })
  }

  /** Every n-th of its packets, so that there are at most so many. */
  #packetsOf(place: number, isIncoming: boolean, most: number, until: CalmUntil): CalmPacket[] {
    const packets: CalmPacket[] = []
    const host = this.#reservoirs.hostOf(place)
    const used = this.#reservoirs.usedOf(place)
    for (let sample = 0; sample < used; sample += Math.ceil(used / most)) {
      const { words, at } = this.#reservoirs.sample(place, sample)
      const packet = calmPacketOf(words, at, host, isIncoming, until)
      if (packet !== undefined) packets.push(packet)
    }
    return packets
  }

  samplesOf(host: number): number {
    const place = this.#placeOf.find(host)
    return place < 0 ? 0 : this.#reservoirs.usedOf(place)
  }

  get count(): number {
    return this.#placeOf.size
  }

  /** The place a newcomer gets, -1 for none. Under a scan this happens for nearly every sample. */
  #enter(host: CalmHost): number {
    const place = this.#places < TARGETS_MAX ? this.#places++ : this.#takePlace()
    if (place < 0) return -1
    this.#reservoirs.begin(place, host)
    this.#placeOf.put(host.key, place)
    return place
  }

  /** -1: who has the place keeps it. */
  #takePlace(): number {
    this.#hand = (this.#hand + 1) % TARGETS_MAX
    if (!this.#reservoirs.wearDown(this.#hand)) return -1
    this.#placeOf.remove(this.#reservoirs.keyOf(this.#hand))
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
