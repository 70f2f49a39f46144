// The smooth generator: a steady rate of ever different frames through a packet socket, from one thread.
//
// Frames lie in a pool; for each use their addresses and ports are drawn anew in place, then a batch of neighbouring
// slots goes out in one system call.

import { errno, SystemCallError } from '#lib/linux/libc.ts'
import { MessageSlots } from '#lib/linux/message.ts'
import { Busiest } from './busiest.ts'
import { FramePool } from './frame-pool.ts'
import { lastMilliseconds, packetsDue, pause, untilDue } from './pace.ts'
import { openSendSocket } from './send-socket.ts'
import { realtimeNanos, type SendOptions, type Sent, sentReport } from './sent.ts'
import { boundsOf, type Traffic, type Wire } from './traffic.ts'

/** Packets in one call: enough to make the call cheap, few enough to stay smooth. */
const BATCH = 64

const EINTR = 4
const EAGAIN = 11
const ENOBUFS = 105

/** Sends the traffic on a lab's interface; returns when it is over. Throws `SystemCallError`. */
export function sendSmoothly(traffic: Traffic, wire: Wire, options: SendOptions): Sent {
  const { rate } = traffic
  const bounds = boundsOf(traffic)
  const end = lastMilliseconds(rate, bounds.seconds)
  using batches = new Batches(new FramePool(traffic, options.seed, wire), options.interface)
  const first = realtimeNanos()
  options.onFirst?.(first)
  const start = performance.now()
  const busiest = new Busiest()
  let elapsed = 0
  while (batches.tried < bounds.packets && elapsed < end) {
    const waiting = packetsDue(rate, bounds.packets, elapsed) - batches.tried
    const before = batches.sent
    if (waiting > 0) batches.send(waiting)
    else pause(untilDue(rate, batches.tried, elapsed))
    elapsed = performance.now() - start
    busiest.add(batches.sent - before, elapsed)
  }
  return sentReport(batches, elapsed, first, busiest.packetsPerSecond)
}

/** Whether a failed call costs the first packet of its batch: full queues do, a signal does not. Other reasons are thrown. */
export function costsPacket(reason: number): boolean {
  if (reason === EINTR) return false
  if (reason !== ENOBUFS && reason !== EAGAIN) throw new SystemCallError('sendmmsg', reason)
  return true
}

/** Goes round the pool, batch by batch, and counts. */
class Batches implements Disposable {
  sent = 0
  bytes = 0
  /** Packets the interface did not take. */
  refused = 0
  readonly #pool: FramePool
  readonly #slots: MessageSlots
  readonly #socket: ReturnType<typeof openSendSocket>
  #next = 0

  constructor(pool: FramePool, interfaceName: string) {
    this.#pool = pool
    this.#slots = new MessageSlots(pool.buffer, pool)
    for (const [slot, bytes] of pool.lengths.entries()) this.#slots.setLength(slot, bytes)
    this.#socket = openSendSocket(interfaceName)
  }

  get tried(): number {
    return this.sent + this.refused
  }

  /** Sends at most `wanted` packets: as many as one batch and the end of the pool allow. */
  send(wanted: number): void {
    const first = this.#next
    const count = Math.min(wanted, BATCH, this.#pool.slots - first)
    this.#pool.vary(first, count)
    const sent = this.#slots.send(this.#socket.fd, first, count)
    if (sent < 0) {
      this.#refuse(errno())
      return
    }
    for (let slot = first; slot < first + sent; slot++) this.bytes += this.#pool.lengths[slot]!
    this.sent += sent
    this.#next = (first + sent) % this.#pool.slots
  }

  /** The first packet of the batch did not go out. */
  #refuse(reason: number): void {
    if (!costsPacket(reason)) return
    this.refused++
    this.#next = (this.#next + 1) % this.#pool.slots
  }

  [Symbol.dispose](): void {
    this.#socket[Symbol.dispose]()
  }
}
