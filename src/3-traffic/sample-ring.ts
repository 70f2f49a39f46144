// A ring of packet headers in shared memory: one worker writes, one reader copies out what was not overwritten.

/** Words before the packet bytes of an entry. */
export const ENTRY = {
  seconds: 0,
  nanoseconds: 1,
  /** Bytes as counted. */
  bytes: 2,
  captured: 3,
  /** Packets this one stands for. */
  weight: 4,
  link: 5,
  /**
   * The low two bits are bytes to skip before the frame begins: frames are copied by whole words. Above stands how many
   * packets a flow record told of whose header was made up from it; 0 for a packet that was seen.
   */
  skip: 6,
  /** How many packets one seen packet of this sample stands for; 0: as many as those of the worker. */
  rate: 7,
} as const
/** Bits of `skip` above the bytes to skip. */
export const TOLD_SHIFT = 2
export const TOLD_MAX = (1 << 29) - 1
export const ENTRY_HEAD = 8
/** The first word of the memory: entries ever written. The ring begins after one entry's head. */
export const RING_HEAD = 8

const BYTES_MAX = 4 << 20
const ENTRIES_MAX = 16_384
const ENTRIES_MIN = 1024

export const entryWords = (snapBytes: number): number => ENTRY_HEAD + Math.ceil((snapBytes + 4) / 4)

/** Entries of a ring for this snap length: a power of two of about 4 MiB, at most 16,384. */
export function ringEntries(snapBytes: number): number {
  let entries = ENTRIES_MIN
  while (entries * 2 <= ENTRIES_MAX && entries * 2 * entryWords(snapBytes) * 4 <= BYTES_MAX) entries *= 2
  return entries
}

export const sampleRingMemory = (snapBytes: number): Int32Array<SharedArrayBuffer> =>
  new Int32Array(new SharedArrayBuffer((RING_HEAD + ringEntries(snapBytes) * entryWords(snapBytes)) * 4))

/** The entry in hand while a ring is walked. Its frame lies in the reader's `view` and may be overwritten at any time. */
export interface RingEntry {
  seconds: number
  nanoseconds: number
  bytes: number
  weight: number
  link: number
  /** Packets a flow record told of, 0 for a packet that was seen. */
  told: number
  /** Rate of its sampling; 0: that of the worker. */
  rate: number
  /** Where the frame lies in `view`. */
  at: number
  end: number
}

/** Reads a ring from another thread. What is read of an entry counts only if `isValid` says so afterwards. */
export class SampleRingReader {
  readonly #ring: Int32Array
  readonly #snapBytes: number
  readonly #entries: number
  readonly #words: number
  #next = 0
  #index = 0
  readonly view: DataView
  readonly entry: RingEntry = {
    ...{ seconds: 0, nanoseconds: 0, bytes: 0, weight: 0, link: 0 },
    ...{ told: 0, rate: 0, at: 0, end: 0 },
  }
  /** Entries that were overwritten before `eachFresh` came to them. */
  lost = 0

  constructor(ring: Int32Array, snapBytes: number) {
    this.#ring = ring
    this.#snapBytes = snapBytes
    this.#entries = ringEntries(snapBytes)
    this.#words = entryWords(snapBytes)
    this.view = new DataView(ring.buffer)
  }

  /** Walks what was written since the last call, oldest first; of more than `most` only every n-th. */
  eachFresh(visit: () => void, most = this.#entries): void {
    const head = Atomics.load(this.#ring, 0)
    const behind = (head - this.#next) | 0
    const reach = Math.min(behind, this.#entries - 1)
    const every = Math.ceil(reach / most)
    this.lost += behind - reach + this.#walk((head - reach) | 0, head, visit, every)
    this.#next = head
  }

  /** Passes over what was written since the last call. */
  passOver(): void {
    this.#next = Atomics.load(this.#ring, 0)
  }

  /** Walks everything the ring still holds, oldest first; the place of `eachFresh` stays. */
  eachHeld(visit: () => void): void {
    const head = Atomics.load(this.#ring, 0)
    const most = this.#entries - 1
    this.#walk((head - (head < 0 ? most : Math.min(head, most))) | 0, head, visit)
  }

  /** Returns how many entries the writer took before they were visited. The oldest it may be writing to already. */
  #walk(from: number, head: number, visit: () => void, every = 1): number {
    let taken = 0
    for (let index = from; ((head - index) | 0) > 0; index = (index + every) | 0) {
      this.#index = index
      this.#load()
      if (this.isValid()) visit()
      else taken++
    }
    return taken
  }

  #load(): void {
    const at = RING_HEAD + (this.#index & (this.#entries - 1)) * this.#words
    const ring = this.#ring
    const { entry } = this
    entry.seconds = ring[at + ENTRY.seconds]! >>> 0
    entry.nanoseconds = ring[at + ENTRY.nanoseconds]! >>> 0
    entry.bytes = ring[at + ENTRY.bytes]!
    entry.weight = ring[at + ENTRY.weight]!
    entry.link = ring[at + ENTRY.link]!
    entry.told = ring[at + ENTRY.skip]! >>> TOLD_SHIFT
    entry.rate = ring[at + ENTRY.rate]!
    entry.at = (at + ENTRY_HEAD) * 4 + (ring[at + ENTRY.skip]! & 3)
    entry.end = entry.at + Math.max(0, Math.min(ring[at + ENTRY.captured]!, this.#snapBytes))
  }

  /** Whether the writer has not come round to the entry in hand. */
  isValid(): boolean {
    const written = (Atomics.load(this.#ring, 0) - this.#index) | 0
    return written > 0 && written < this.#entries
  }

  /** The frame of the entry in hand, copied. */
  frame(): Uint8Array {
    const { at, end } = this.entry
    return new Uint8Array(new Uint8Array(this.#ring.buffer, at, end - at))
  }
}

/** A packet as it lies in memory: where it begins, how much of it is there and how long it was, its link type, and when it came. */
export interface PacketInMemory {
  readonly at: number
  readonly captured: number
  readonly wire: number
  readonly link: number
  readonly seconds: number
  readonly nanoseconds: number
}

/** One of them after the other in one object. */
export class HeldPacket implements PacketInMemory {
  at = 0
  captured = 0
  wire = 0
  link = 0
  seconds = 0
  nanoseconds = 0

  hold(at: number, captured: number, wire: number, link: number, seconds: number, nanoseconds: number): void {
    this.at = at
    this.captured = captured
    this.wire = wire
    this.link = link
    this.seconds = seconds
    this.nanoseconds = nanoseconds
  }
}

/**
 * Copies a packet of `frames` into a ring, by whole words from the one its first byte lies in. It stands for `weight`
 * packets, and was counted with `bytes`.
 */
export function writeSample(
  ring: Int32Array,
  snapBytes: number,
  frames: Int32Array,
  packet: PacketInMemory,
  weight: number,
  bytes: number,
): void {
  const head = ring[0]!
  const entry = RING_HEAD + (head & (ringEntries(snapBytes) - 1)) * entryWords(snapBytes)
  const length = Math.min(packet.captured, snapBytes)
  const skip = packet.at & 3
  ring[entry + ENTRY.seconds] = packet.seconds
  ring[entry + ENTRY.nanoseconds] = packet.nanoseconds
  ring[entry + ENTRY.bytes] = bytes
  ring[entry + ENTRY.captured] = length
  ring[entry + ENTRY.weight] = weight
  ring[entry + ENTRY.link] = packet.link
  ring[entry + ENTRY.skip] = skip
  const words = (skip + length + 3) >> 2
  const from = packet.at >> 2
  for (let word = 0; word < words; word++) ring[entry + ENTRY_HEAD + word] = frames[from + word]!
  Atomics.store(ring, 0, (head + 1) | 0)
}
