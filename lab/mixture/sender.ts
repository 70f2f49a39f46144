// Who sends: honest peers with the habits of their systems, and addresses that are forged.

import type { Address } from '#lib/ip/address.ts'
import type { Draw } from '../vectors/draw.ts'

/** How a system's TCP and UDP look on the wire. */
export interface System {
  /** Octets of options in a SYN. */
  readonly synOptions: number
  /** Octets of options in every other segment: timestamps or none. */
  readonly options: number
  /** Where its own ports come from. */
  readonly ports: readonly [first: number, last: number]
  /** Its SYNs offer ECN (RFC 3168). */
  readonly offersEcn: boolean
  /** Sets don't-fragment on UDP as well. */
  readonly keepsUdpWhole: boolean
}

export interface Sender {
  readonly address: Address
  readonly dscp: number
  readonly system: System
  /** From 0 up to 1, the same in all its packets: how long its answers are, for instance. */
  readonly trait: number
}

const system = (
  synOptions: number,
  options: number,
  ports: readonly [number, number],
  offersEcn: boolean,
  keepsUdpWhole: boolean,
): System => ({ synOptions, options, ports, offersEcn, keepsUdpWhole })

/** Linux and Android, Apple, Windows, hosts behind a translator of addresses, small things without options of note. */
const SYSTEMS: readonly [System, ...System[]] = [
  system(20, 12, [32_768, 60_999], false, true),
  system(20, 12, [32_768, 60_999], false, true),
  system(24, 12, [49_152, 65_535], true, false),
  system(24, 12, [49_152, 65_535], false, false),
  system(12, 0, [49_152, 65_535], false, false),
  system(12, 0, [49_152, 65_535], false, false),
  system(20, 12, [1024, 65_535], false, true),
  system(12, 0, [1024, 65_535], false, false),
  system(4, 0, [1024, 5000], false, false),
]

/** Marks that come through from elsewhere: CS1, AF11, AF21, AF31, CS4, AF41, CS5, EF, and leftovers of the old TOS octet. */
const MARKS: readonly [number, ...number[]] = [8, 10, 18, 26, 32, 34, 40, 46, 2, 4]

const FIRST_UNICAST = 1 * 2 ** 24
const PAST_UNICAST = 224 * 2 ** 24

/** Any unicast address: what a forger writes, or where one of the world's hosts stands. */
const anywhere = (draw: Draw): number => FIRST_UNICAST + draw.below(PAST_UNICAST - FIRST_UNICAST)

const addressOf = (value: number): Address => ({ family: 4, value: BigInt(value) })

const honest = (draw: Draw, value: number): Sender => ({
  address: addressOf(value),
  dscp: draw.below(100) < 93 ? 0 : draw.pick(MARKS),
  system: draw.pick(SYSTEMS),
  trait: draw.below(65_536) / 65_536,
})

/** A sender nobody has seen before, and whose packet is its only one. */
export const forged = (draw: Draw): Sender => ({ ...honest(draw, anywhere(draw)), dscp: 0 })

/** A forger who takes the trouble to look like everybody: marks too. */
export const forgedWell = (draw: Draw): Sender => honest(draw, anywhere(draw))

const HOSTING = 0xc633_6400

/** Hosts of 198.51.100.0/24, as a botnet in one hosting network has them. */
export const hostsOfOneNetwork = (draw: Draw, count: number): readonly Sender[] =>
  Array.from({ length: count }, () => ({ ...honest(draw, HOSTING + draw.between(1, 254)), dscp: 0 }))

/** Peers that come back; the first ones much more often than the last, as it is with visitors and with reflectors. */
export class Crowd {
  readonly #senders: readonly Sender[]

  /** @param networks how many networks of 65,536 addresses they live in; 0: scattered over the world. */
  constructor(draw: Draw, count: number, networks = 0) {
    const homes = Array.from({ length: networks }, () => Math.floor(anywhere(draw) / 65_536) * 65_536)
    this.#senders = Array.from({ length: count }, () => {
      const home = homes[draw.below(Math.max(1, homes.length))]
      return honest(draw, home === undefined ? anywhere(draw) : home + draw.below(65_536))
    })
  }

  next(draw: Draw): Sender {
    const place = draw.below(65_536) / 65_536
    const sender = this.#senders[Math.floor(place * place * this.#senders.length)]
    if (sender === undefined) throw new RangeError('a crowd has somebody in it')
    return sender
  }
}

/** One of the sender's own ports. */
export const ownPort = (draw: Draw, { system: { ports } }: Sender): number => draw.between(...ports)
