// When the load of a prefix is a carpet: many hosts, each far below its limit, that get the same and hardly answer.
//
// Honest traffic is uneven: a few hosts have most of it (in a Zipf of 4,096 hosts the largest octave and a half holds an
// eighth, in log-normal traffic with a deviation of 1.5 a quarter). A carpet gives each address about the same, so most of
// what nobody answers lies in one narrow band of loads. That band is compared with a limit that grows with the square
// root of the hosts that are known. Loads that are answered weigh little, so that busy networks are left alone.

/** A host answers when it sends at least this share of the packets it gets. */
const ANSWERED_SHARE = 1 / 4
/** What is answered weighs this much. */
const ANSWERED_WEIGHT = 1 / 16
/** Mostly SYN is no conversation, whatever the answers: a listening port answers each of them. */
const SYN_SHARE = 1 / 2
/** Factor on the limit of a host for few known hosts, and on the square root of their number for many. */
const LEAST_FACTOR = 2
const ROOT_FACTOR = 1 / 8
/** A band holds at least so many hosts: fewer are judged one by one. */
export const BAND_HOSTS_MIN = 16
/** Share of the load of a prefix that the band must hold. */
export const BAND_SHARE_MIN = 1 / 2
/** What is above so many times the usual even load of a prefix is news. */
export const USUAL_FACTOR = 2

/** Packets of a host as the ladder weighs them. */
export function weighed(incoming: number, syn: number, outgoing: number): number {
  const isAnswered = outgoing >= incoming * ANSWERED_SHARE && syn <= incoming * SYN_SHARE
  return isAnswered ? incoming * ANSWERED_WEIGHT : incoming
}

/** The limit of a prefix as a factor on that of a host. `known`: hosts that had traffic in the window before as well. */
export const limitFactor = (known: number): number => Math.max(LEAST_FACTOR, Math.sqrt(known) * ROOT_FACTOR)

/** Half octaves from 1/16 packet to 2^28 packets in a window. */
const BUCKETS = 64
const LEAST_SHARE_OF_PACKET = 1 / 16
/** Half octaves of a band. */
const BAND = 3
/** What a bucket adds up: hosts, weighed packets, weighed bytes. */
const COLUMNS = 3

/** The bucket of so many packets. A logarithm for each host of a flooded network would cost more than all else of a pass. */
export function halfOctave(packets: number): number {
  const parts = Math.min(packets / LEAST_SHARE_OF_PACKET, 0xffff_ffff)
  const octave = 31 - Math.clz32(parts)
  if (octave < 0) return 0
  const least = (1 << octave) >>> 0
  return 2 * octave + (parts * parts >= 2 * least * least ? 1 : 0)
}

/** The loads of a prefix's hosts in one window, by half octaves. */
export class LoadBands {
  readonly #cells = new Float64Array(BUCKETS * COLUMNS)
  /** All of them together, weighed packets. */
  packets = 0
  /** Of hosts that cannot be told apart; they pass for even. */
  #unlisted = { packets: 0, bytes: 0 }

  /** A host with so many weighed packets. */
  add(packets: number, bytes: number): void {
    const at = halfOctave(packets) * COLUMNS
    this.#cells[at]! += 1
    this.#cells[at + 1]! += packets
    this.#cells[at + 2]! += bytes
    this.packets += packets
  }

  /** Packets of hosts that found no room, so that nobody knows how many they are. */
  addUnlisted(packets: number, bytes: number): void {
    this.#unlisted = { packets: this.#unlisted.packets + packets, bytes: this.#unlisted.bytes + bytes }
    this.packets += packets
  }

  addAll(other: LoadBands): void {
    for (let at = 0; at < this.#cells.length; at++) this.#cells[at]! += other.#cells[at]!
    const { packets, bytes } = other.#unlisted
    this.#unlisted = { packets: this.#unlisted.packets + packets, bytes: this.#unlisted.bytes + bytes }
    this.packets += other.packets
  }

  /** Packets and bytes of the band that has the most; zero where no band has enough hosts and most of the load. */
  even(): { readonly packets: number; readonly bytes: number } {
    let best = 0
    for (let from = 1; from + BAND <= BUCKETS; from++)
      if (this.#sum(from, 1) > this.#sum(best, 1)) best = from
    const packets = this.#sum(best, 1) + this.#unlisted.packets
    const isMany = this.#unlisted.packets > 0 || this.#sum(best, 0) >= BAND_HOSTS_MIN
    if (!isMany || packets < this.packets * BAND_SHARE_MIN) return { packets: 0, bytes: 0 }
    return { packets, bytes: this.#sum(best, 2) + this.#unlisted.bytes }
  }

  #sum(from: number, column: number): number {
    let sum = 0
    for (let bucket = from; bucket < from + BAND; bucket++) sum += this.#cells[bucket * COLUMNS + column]!
    return sum
  }
}
