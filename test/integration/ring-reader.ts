// Reads a capture ring as a worker does, but keeps what it sees: for tests.

import { BLOCK, SLOT_STATUS, TPACKET3 } from '#1-capture/af-packet/layout.ts'
import { openRing, type Ring, type RingEvent, type RingOptions } from '#1-capture/af-packet/ring.ts'
import { RECEIVER, within } from '../veth-pair.ts'

/** A frame of ours in the ring. */
export interface Seen {
  /** Number its maker gave it. */
  readonly number: number
  readonly captured: number
  readonly wire: number
  readonly etherType: number
  /** Low byte of the ring's packet type: 4 is outgoing. */
  readonly packetType: number
  /** Type and control information of a tag the kernel has taken out. */
  readonly tag: { readonly tpid: number; readonly tci: number } | undefined
  /** Offset of the network header in the frame. */
  readonly networkOffset: number
  readonly seconds: number
}

/** EtherType for experiments (IEEE 802): nothing but our frames has it. */
export const EXPERIMENT = 0x88b5

/** A frame with a number in it; `tags` are 802.1Q tags, outermost first. */
export function numbered(
  number: number,
  bytes: number,
  tags: readonly { tpid: number; tci: number }[] = [],
): Uint8Array {
  const frame = new DataView(new ArrayBuffer(bytes))
  frame.setUint32(0, 0x02000000)
  frame.setUint8(5, 0x01)
  frame.setUint32(6, 0x02000000)
  let at = 12
  for (const { tpid, tci } of tags) {
    frame.setUint16(at, tpid)
    frame.setUint16(at + 2, tci)
    at += 4
  }
  frame.setUint16(at, EXPERIMENT)
  frame.setUint32(at + 2, number)
  return new Uint8Array(frame.buffer)
}

const WAIT_MILLISECONDS = 8000

export const OPTIONS: RingOptions = {
  interface: RECEIVER,
  ringMegabytes: 8,
  snapBytes: 128,
  fanoutGroup: undefined,
  fanoutMode: 'cpu',
  promiscuous: true,
  direction: 'ingress',
}

export class RingReader {
  readonly ring: Ring
  readonly events: RingEvent[] = []
  readonly #namespace: string
  readonly #words: Int32Array
  readonly #bytes: DataView

  constructor(namespace: string, options: Partial<RingOptions> = {}) {
    this.#namespace = namespace
    this.ring = within(namespace, () =>
      openRing({ ...OPTIONS, ...options, onLink: event => this.events.push(event) }),
    )
    this.#words = new Int32Array(this.ring.buffer)
    this.#bytes = new DataView(this.ring.buffer)
  }

  get kinds(): string[] {
    return this.events.map(event => event.kind)
  }

  /** Our frames that arrive until `count` are there or, at the latest, in `milliseconds`. */
  read(count: number, milliseconds = 500): Seen[] {
    const seen: Seen[] = []
    const end = performance.now() + milliseconds
    while (seen.length < count && performance.now() < end) {
      const base = this.next(20)
      if (base < 0) continue
      seen.push(...this.#walk(base))
      this.ring.release()
    }
    return seen
  }

  /** Waits for the carrier, which a new interface has a little later than its name, and forgets the events. */
  settle(): void {
    RingReader.#waitFor([this], 'up', () => this.ring.linkState() === 'up')
    this.events.length = 0
  }

  /** Lets the ring watch its interface until its last event is this one. */
  waitUntil(kind: RingEvent['kind']): void {
    RingReader.waitUntilAll([this], kind)
  }

  static waitUntilAll(readers: readonly RingReader[], kind: RingEvent['kind']): void {
    RingReader.#waitFor(readers, kind, () => readers.every(({ kinds }) => kinds.at(-1) === kind))
  }

  static #waitFor(readers: readonly RingReader[], what: string, isTrue: () => boolean): void {
    const end = performance.now() + WAIT_MILLISECONDS
    while (!isTrue()) {
      const told = readers.map(({ kinds }) => kinds.join()).join(' and ')
      if (performance.now() > end) throw new Error(`not ${what} but ${told}`)
      for (const reader of readers) if (reader.next(20) >= 0) reader.ring.release()
    }
  }

  /** `next` of the ring, in its namespace: a socket that is opened anew belongs there. */
  next(milliseconds: number): number {
    return within(this.#namespace, () => this.ring.next(milliseconds))
  }

  #walk(base: number): Seen[] {
    const seen: Seen[] = []
    let slot = base + this.#word(base, BLOCK.first)
    for (let left = this.#word(base, BLOCK.packets); left > 0; left--) {
      const frame = this.#frameAt(slot)
      if (frame !== undefined) seen.push(frame)
      slot += this.#word(slot, TPACKET3.nextOffset)
    }
    return seen
  }

  #frameAt(slot: number): Seen | undefined {
    const offsets = this.#word(slot, TPACKET3.offsets)
    const mac = slot + (offsets & 0xffff)
    const etherType = this.#bytes.getUint16(slot + TPACKET3.protocol * 4 + 2)
    const networkOffset = (offsets >>> 16) - (offsets & 0xffff)
    const status = this.#word(slot, TPACKET3.status)
    const tagTypeIsThere = (status & SLOT_STATUS.vlanTpidValid) !== 0
    const tpid = tagTypeIsThere ? this.#word(slot, TPACKET3.vlanTpid) & 0xffff : 0x8100
    return {
      number: this.#bytes.getUint32(mac + networkOffset),
      captured: this.#word(slot, TPACKET3.captured),
      wire: this.#word(slot, TPACKET3.wire),
      etherType,
      packetType: (this.#word(slot, TPACKET3.packetType) >>> 16) & 0xff,
      tag:
        (status & SLOT_STATUS.vlanValid) === 0
          ? undefined
          : { tpid, tci: this.#word(slot, TPACKET3.vlanTci) },
      networkOffset,
      seconds: this.#word(slot, TPACKET3.seconds),
    }
  }

  #word(byte: number, word: number): number {
    return this.#words[(byte >> 2) + word]!
  }
}
