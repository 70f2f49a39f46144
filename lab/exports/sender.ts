// Sends datagrams of flow export over loopback: prepared ones, many in a system call, with numbers that go on.

import { assert } from '#lib/assert.ts'
import { close, connect, must, setsockopt, socket } from '#lib/linux/libc.ts'
import { MessageSlots } from '#lib/linux/message.ts'
import { lastMilliseconds, packetsDue, pause, untilDue } from '../pace.ts'
import { realtimeNanos, type Sent, sentReport } from '../sent.ts'
import { type ExportShape, type Kind, kindOf } from './datagrams.ts'

export interface ExportTraffic extends ExportShape {
  /** On 127.0.0.1: floods must not leave the machine. */
  readonly port: number
  /** Records per second. */
  readonly rate: number | 'max'
  readonly seconds: number
  /** Called with the time just before the first datagram with records. */
  readonly onFirst?: (realtimeNanos: string) => void
}

const AF_INET = 2
const SOCK_DGRAM = 2
const SOL_SOCKET = 1
const SO_SNDBUF = 7
const SEND_BUFFER_BYTES = 4 << 20
const ADDRESS_BYTES = 16
/** Different datagrams: more than caches hold, as they would come from a wire. */
const POOL = 2048
const SLOT_BYTES = 1536
/** Datagrams of one call. */
const BATCH = 32
/** Templates are told so often, and twice at the start: the first may get lost. */
const ANNOUNCE_MS = 1000
const SETTLE_MS = 20

/** Sends until the time is over; `sent` and `pps` of the report are records. Throws `SystemCallError`. */
export function sendExports(traffic: ExportTraffic): Sent {
  const { rate, seconds } = traffic
  using pool = new Pool(traffic)
  for (let time = 0; time < 2; time++) {
    pool.announce()
    pause(SETTLE_MS)
  }
  const { records } = pool.kind
  const perSecond = rate === 'max' ? rate : rate / records
  const first = realtimeNanos()
  traffic.onFirst?.(first)
  const start = performance.now()
  const end = lastMilliseconds(perSecond, seconds)
  const most = rate === 'max' ? Number.MAX_SAFE_INTEGER : Math.ceil((rate / records) * seconds)
  let elapsed = 0
  let announced = 0
  while (pool.datagrams < most && elapsed < end) {
    const waiting = packetsDue(perSecond, most, elapsed) - pool.datagrams
    if (waiting > 0) pool.send(Math.min(waiting, BATCH))
    else pause(untilDue(perSecond, pool.datagrams, elapsed))
    elapsed = performance.now() - start
    if (elapsed - announced < ANNOUNCE_MS) continue
    pool.announce()
    announced = elapsed
  }
  const { datagrams, bytes } = pool
  return sentReport({ sent: datagrams * records, bytes, refused: 0 }, elapsed, first)
}

class Pool implements Disposable {
  readonly kind: Kind
  datagrams = 0
  bytes = 0
  readonly #fd: number
  readonly #view: DataView<ArrayBuffer>
  readonly #slots: MessageSlots
  readonly #template: MessageSlots | undefined
  readonly #templateView: DataView<ArrayBuffer> | undefined
  readonly #length: number
  #next = 0
  #sequence = 0
  #sample = 0

  constructor(traffic: ExportTraffic) {
    this.kind = kindOf(traffic)
    const { records, announcement } = this.kind
    const bytes = new Uint8Array(new ArrayBuffer(POOL * SLOT_BYTES))
    this.#view = new DataView(bytes.buffer)
    this.#slots = new MessageSlots(bytes.buffer, { slots: POOL, slotBytes: SLOT_BYTES })
    let length = 0
    for (let slot = 0; slot < POOL; slot++) {
      const datagram = this.kind.data(slot * records)
      length = datagram.length
      assert(length <= SLOT_BYTES, 'a datagram fits its slot')
      bytes.set(datagram, slot * SLOT_BYTES)
      this.#slots.setLength(slot, length)
    }
    this.#length = length
    if (announcement !== undefined) {
      const told = Uint8Array.from(announcement)
      this.#templateView = new DataView(told.buffer)
      this.#template = new MessageSlots(told.buffer, { slots: 1, slotBytes: told.length })
      this.#template.setLength(0, told.length)
    }
    this.#fd = openSocket(traffic.port)
  }

  /** Tells templates and sampling rate, where the protocol has such. */
  announce(): void {
    if (this.#template === undefined) return
    this.#templateView?.setUint32(this.kind.sequenceAt, this.#sequence)
    if (this.#template.send(this.#fd, 0, 1) === 1) this.#sequence = (this.#sequence + 1) >>> 0
  }

  /** Sends at most `wanted` datagrams. A call that fails has sent none of them, and they are tried again. */
  send(wanted: number): void {
    const first = this.#next
    const count = Math.min(wanted, POOL - first)
    this.#number(first, count)
    const sent = Math.max(0, this.#slots.send(this.#fd, first, count))
    this.#sequence = (this.#sequence + sent * this.kind.sequenceStep) >>> 0
    this.#sample = (this.#sample + sent * this.kind.records) >>> 0
    this.#next = (first + sent) % POOL
    this.datagrams += sent
    this.bytes += sent * this.#length
  }

  #number(first: number, count: number): void {
    const { sequenceAt, sequenceStep, samplesAt, sampleBytes, records } = this.kind
    const view = this.#view
    let sequence = this.#sequence
    let sample = this.#sample
    for (let slot = first; slot < first + count; slot++) {
      const at = slot * SLOT_BYTES
      view.setUint32(at + sequenceAt, sequence)
      sequence += sequenceStep
      if (samplesAt === 0) continue
      for (let i = 0; i < records; i++) view.setUint32(at + samplesAt + i * sampleBytes, ++sample)
    }
  }

  [Symbol.dispose](): void {
    close(this.#fd)
  }
}

function openSocket(port: number): number {
  const fd = must(socket(AF_INET, SOCK_DGRAM, 0), 'socket')
  setsockopt(fd, SOL_SOCKET, SO_SNDBUF, Int32Array.of(SEND_BUFFER_BYTES), 4)
  const address = new DataView(new ArrayBuffer(ADDRESS_BYTES))
  address.setUint16(0, AF_INET, true)
  address.setUint16(2, port)
  address.setUint32(4, 0x7f00_0001)
  try {
    must(connect(fd, address, ADDRESS_BYTES), `connect to port ${port}`)
  } catch (error) {
    close(fd)
    throw error
  }
  return fd
}
