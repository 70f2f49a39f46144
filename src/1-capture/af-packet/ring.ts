// A receive ring on one interface, read in place: the kernel fills blocks, we walk and return them (TPACKET_V3).
//
// The ring's addresses never change. When the interface is deleted, zeros take the place of the kernel's memory, and
// when it comes back a new socket's ring is mapped over them: code that holds views of `buffer` as constants goes on.

import { constants } from 'node:os'
import { assert } from '#lib/assert.ts'
import { InterfaceRequests } from '#lib/linux/interface-request.ts'
import { poll, type Reservation, reserve, SystemCallError } from '#lib/linux/libc.ts'
import type { FanoutMode } from './fanout.ts'
import { BLOCK, BLOCK_BYTES, BLOCK_WORDS, STATUS } from './layout.ts'
import { type LinkKind, linkKindOf } from './link-type.ts'
import { judgeLink, type LinkEvent, type LinkState } from './link-watch.ts'
import { napMilliseconds } from './nap.ts'
import { openPacketSocket, type PacketSocket, retireMilliseconds, type SocketStatistics } from './socket.ts'

export interface RingOptions {
  readonly interface: string
  /** Size of the ring; a block is 1 MiB. */
  readonly ringMegabytes: number
  /** Bytes of each frame that are kept. */
  readonly snapBytes: number
  /** Number that the rings of one interface have in common; undefined for a ring that takes all packets. */
  readonly fanoutGroup: number | undefined
  readonly fanoutMode: FanoutMode
  readonly promiscuous: boolean
  readonly direction: 'ingress' | 'both'
  /** Called from `next` when something has happened to the interface, within a second or so. */
  readonly onLink?: (event: RingEvent) => void
}

/** `refused`: the interface is there again, but the kernel will not let us listen on it; tried again each second. */
export type RingEvent =
  | { readonly kind: LinkEvent }
  | { readonly kind: 'refused'; readonly error: SystemCallError }

export interface Ring {
  /** The blocks, `blockCount` times `blockBytes`. Valid for the life of the process, also after `close`. */
  readonly buffer: ArrayBuffer
  readonly blockBytes: number
  readonly blockCount: number
  /** How frames begin: a LINKTYPE_ number, the same for the life of the ring. */
  readonly linkType: number
  /**
   * Offset of the next block to walk, or -1 when none is ready after waiting `timeoutMs`. Never throws. The block is
   * the caller's until `release`; until then `next` answers the same again.
   */
  next(timeoutMs: number): number
  /** At most so long the kernel keeps a packet in a block that is not full. */
  readonly heldMilliseconds: number
  /** Gives the block back to the kernel. */
  release(): void
  /** What the kernel counted since the last call. Asking is a system call: once a second, not per block. */
  statistics(): SocketStatistics
  linkState(): LinkState
  close(): void
}

const LOOK_MILLISECONDS = 1000
/** The rings of a fan-out leave and join one by one, so the first attempts may fail for want of the others. */
const REFUSALS_UNTIL_TOLD = 3
const POLLIN = 1

/** Opens a ring. Throws `SystemCallError`, with a hint, when there is no such interface or no permission or no memory. */
export function openRing(options: RingOptions): Ring {
  return new PacketRing(options)
}

/** The ring of one thread. It blocks in `next`, so that thread should have little else to do. */
export class PacketRing implements Ring {
  readonly buffer: ArrayBuffer
  readonly blockBytes = BLOCK_BYTES
  readonly blockCount: number
  readonly linkType: number
  readonly heldMilliseconds: number
  readonly #options: RingOptions
  readonly #kind: LinkKind
  readonly #requests = new InterfaceRequests()
  readonly #memory: Reservation
  readonly #words: Int32Array
  /** struct pollfd: descriptor, then events and what happened in one word. A negative descriptor makes it a sleep. */
  readonly #pollRequest = Int32Array.of(-1, POLLIN)
  #socket: PacketSocket | undefined
  #block = 0
  #state: LinkState = 'gone'
  #wentDown = false
  #nextLookAt = 0
  /** When there was no block last, and how many were taken since. */
  #dryAt = performance.now()
  #taken = 0
  #refusals = 0
  /** Counted by sockets that are closed by now, not yet told. */
  #untold: SocketStatistics = { packets: 0, drops: 0, freezes: 0 }

  constructor(options: RingOptions) {
    assert(Number.isInteger(options.ringMegabytes) && options.ringMegabytes > 0, 'a ring is whole blocks')
    this.#options = options
    this.blockCount = options.ringMegabytes
    // Its timer finds a block that has just begun, and ends it the next time.
    this.heldMilliseconds = 2 * retireMilliseconds(this.blockCount)
    try {
      this.#kind = linkKindOf(this.#hardwareType())
      this.linkType = this.#kind.linkType
      this.#memory = reserve(this.blockCount * BLOCK_BYTES)
      this.buffer = this.#memory.buffer
      this.#words = new Int32Array(this.buffer)
      this.#open()
    } catch (error) {
      this.#requests.close()
      throw error
    }
    this.#takeErrors()
    this.#wentDown = false
    this.#state = this.#isUp() ? 'up' : 'down'
    this.#nextLookAt = performance.now() + LOOK_MILLISECONDS
  }

  next(timeoutMs: number): number {
    if (!this.#isReady()) {
      this.#wait(timeoutMs)
      if (!this.#isReady()) return -1
    }
    return this.#block * BLOCK_BYTES
  }

  release(): void {
    assert(this.#isReady(), 'only a block that next has given is released')
    Atomics.store(this.#words, this.#statusWord(), STATUS.kernel)
    this.#block = this.#block + 1 === this.blockCount ? 0 : this.#block + 1
    this.#taken++
  }

  statistics(): SocketStatistics {
    const total = sum(this.#untold, this.#socket?.takeStatistics())
    this.#untold = { packets: 0, drops: 0, freezes: 0 }
    return total
  }

  linkState(): LinkState {
    return this.#state
  }

  close(): void {
    this.#detach()
    this.#requests.close()
    this.#nextLookAt = Number.POSITIVE_INFINITY
  }

  #statusWord(): number {
    return this.#block * BLOCK_WORDS + BLOCK.status
  }

  /** Reading the status acquires the block: what the kernel wrote before is seen after. */
  #isReady(): boolean {
    return (Atomics.load(this.#words, this.#statusWord()) & STATUS.user) !== 0
  }

  #wait(timeoutMs: number): void {
    if (!this.#nap(timeoutMs)) this.#poll(timeoutMs)
    if (performance.now() >= this.#nextLookAt) this.#look()
  }

  /** Sleeps a little when blocks come fast; whether there is one then. */
  #nap(timeoutMs: number): boolean {
    const now = performance.now()
    const nap = napMilliseconds(this.#taken, now - this.#dryAt, this.blockCount)
    this.#dryAt = now
    this.#taken = 0
    if (nap === 0) return false
    poll(this.#pollRequest, 0, Math.min(nap, timeoutMs))
    return this.#isReady()
  }

  #poll(timeoutMs: number): void {
    this.#pollRequest[1] = POLLIN
    const ready = poll(this.#pollRequest, 1, timeoutMs)
    const happened = (this.#pollRequest[1] ?? 0) >>> 16
    if (ready > 0 && (happened & ~POLLIN) !== 0) this.#onPollError(timeoutMs)
  }

  /** While an error is pending poll returns at once, so it is taken; if that is not what it was, this waits instead. */
  #onPollError(timeoutMs: number): void {
    if (this.#takeErrors() !== 0) this.#nextLookAt = 0
    else poll(Int32Array.of(-1, 0), 1, timeoutMs)
  }

  #takeErrors(): number {
    const number = this.#socket?.takeError() ?? 0
    if (number === constants.errno.ENETDOWN) this.#wentDown = true
    return number
  }

  #look(): void {
    this.#nextLookAt = performance.now() + LOOK_MILLISECONDS
    const shouldReopen = this.#judge()
    if (this.#state !== 'gone') return
    this.#detach()
    if (shouldReopen && this.#reopen()) this.#judge()
  }

  /** Looks at the interface, tells what has happened; whether the socket should be opened anew. */
  #judge(): boolean {
    const verdict = judgeLink(this.#state, {
      namedIndex: this.#requests.indexOf(this.#options.interface),
      boundIndex: this.#socket?.boundIndex() ?? -1,
      isUp: this.#isUp(),
      wentDown: this.#wentDown,
    })
    this.#wentDown = false
    this.#state = verdict.state
    for (const kind of verdict.events) this.#options.onLink?.({ kind })
    return verdict.shouldReopen
  }

  /** Asked by the index the socket is bound to: the interface may have been renamed. */
  #isUp(): boolean {
    const name = this.#requests.nameOf(this.#socket?.boundIndex() ?? -1)
    return name !== undefined && this.#requests.isUp(name) === true
  }

  #reopen(): boolean {
    try {
      this.#open()
      this.#refusals = 0
      return true
    } catch (error) {
      if (!(error instanceof SystemCallError)) throw error
      this.#refusals++
      if (this.#refusals === REFUSALS_UNTIL_TOLD) this.#options.onLink?.({ kind: 'refused', error })
      return false
    }
  }

  #open(): void {
    const { interface: name } = this.#options
    if (linkKindOf(this.#hardwareType()).isCooked && !this.#kind.isCooked) {
      const hint = 'it is not Ethernet any more: restart to capture on it'
      throw new SystemCallError(`bind to ${name}`, constants.errno.EPROTOTYPE, hint)
    }
    const { blockCount } = this
    const { isCooked } = this.#kind
    const interfaceIndex = this.#requests.indexOf(name)
    const options = { ...this.#options, interfaceIndex, blockCount, isCooked }
    this.#block = 0
    try {
      this.#socket = openPacketSocket(options, fd => this.#memory.place(fd))
    } catch (error) {
      // The socket is closed, but its ring may be mapped.
      this.#memory.vacate()
      throw error
    }
    this.#pollRequest[0] = this.#socket.fd
  }

  /** Zeros take the ring's place first: a view never sees memory that is no more. */
  #detach(): void {
    if (this.#socket === undefined) return
    this.#untold = sum(this.#untold, this.#socket.takeStatistics())
    this.#memory.vacate()
    this.#socket.close()
    this.#socket = undefined
    this.#pollRequest[0] = -1
  }

  #hardwareType(): number {
    const { interface: name } = this.#options
    const hardwareType = this.#requests.hardwareTypeOf(name)
    if (hardwareType !== undefined) return hardwareType
    throw new SystemCallError(`open ${name}`, constants.errno.ENODEV, `there is no interface ${name}`)
  }
}

function sum(a: SocketStatistics, b: SocketStatistics | undefined): SocketStatistics {
  if (b === undefined) return a
  return { packets: a.packets + b.packets, drops: a.drops + b.drops, freezes: a.freezes + b.freezes }
}
