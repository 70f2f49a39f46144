// Command: sends the packets of a capture file on a lab's interface, at the distances at which they were recorded.
//
// A frame that was cut when it was recorded is filled up with zeros to its length on the wire.

import { parseArgs } from 'node:util'
import { PcapFile } from '#1-capture/pcap-file/pcap-file.ts'
import { errno } from '#lib/linux/libc.ts'
import { MessageSlots } from '#lib/linux/message.ts'
import { runCommand, UsageError } from './arguments.ts'
import { costsPacket } from './generator.ts'
import { isLabInterface } from './leftover.ts'
import { pause } from './pace.ts'
import { openSendSocket } from './send-socket.ts'
import { realtimeNanos, type Sent, sentReport } from './sent.ts'
import { LONGEST_SECONDS } from './traffic.ts'

const USAGE = 'node lab/play.ts --interface NAME FILE'

const SLOTS = 64
/** Frames of an ordinary Ethernet; longer ones are cut. */
const SLOT_BYTES = 1536
const SHORTEST_PAUSE_MILLISECONDS = 0.2

/** Ends with the file, after 120 s at the latest. */
function play(path: string, interfaceName: string): Sent {
  const file = new PcapFile(path)
  using player = new Player(interfaceName)
  const first = realtimeNanos()
  const start = performance.now()
  let elapsed = 0
  let isMore = file.next()
  const origin = millisecondsOf(file)
  while (isMore && elapsed < LONGEST_SECONDS * 1000) {
    let due = millisecondsOf(file) - origin
    while (isMore && due <= elapsed && player.hasRoom) {
      player.add(file)
      isMore = file.next()
      due = millisecondsOf(file) - origin
    }
    if (player.isEmpty) pause(Math.max(due - elapsed, SHORTEST_PAUSE_MILLISECONDS))
    else player.send()
    elapsed = performance.now() - start
  }
  file.close()
  if (file.problem !== undefined) throw new Error(`${path}: ${file.problem.kind}`)
  return sentReport(player, elapsed, first)
}

const millisecondsOf = (file: PcapFile): number => file.seconds * 1000 + file.nanoseconds / 1e6

/** Gathers packets that are due, sends them in one call, and counts. */
class Player implements Disposable {
  sent = 0
  bytes = 0
  /** Packets the interface did not take. */
  refused = 0
  readonly #frames = new Uint8Array(SLOTS * SLOT_BYTES)
  readonly #lengths = new Uint32Array(SLOTS)
  readonly #slots = new MessageSlots(this.#frames.buffer, { slots: SLOTS, slotBytes: SLOT_BYTES })
  readonly #socket: ReturnType<typeof openSendSocket>
  #count = 0

  constructor(interfaceName: string) {
    this.#socket = openSendSocket(interfaceName)
  }

  get hasRoom(): boolean {
    return this.#count < SLOTS
  }

  get isEmpty(): boolean {
    return this.#count === 0
  }

  add({ buffer, at, captured, wire }: PcapFile): void {
    const length = Math.min(wire, SLOT_BYTES)
    const kept = Math.min(captured, length)
    const start = this.#count * SLOT_BYTES
    this.#frames.set(new Uint8Array(buffer, at, kept), start)
    this.#frames.fill(0, start + kept, start + length)
    this.#slots.setLength(this.#count, length)
    this.#lengths[this.#count] = length
    this.#count++
  }

  send(): void {
    for (let first = 0; first < this.#count; ) {
      const sent = this.#slots.send(this.#socket.fd, first, this.#count - first)
      if (sent >= 0) {
        this.sent += sent
        for (let slot = first; slot < first + sent; slot++) this.bytes += this.#lengths[slot]!
        first += sent
      } else if (costsPacket(errno())) {
        this.refused++
        first++
      }
    }
    this.#count = 0
  }

  [Symbol.dispose](): void {
    this.#socket[Symbol.dispose]()
  }
}

await runCommand(USAGE, () => {
  const { values, positionals } = parseArgs({
    options: { interface: { type: 'string', default: '' } },
    allowPositionals: true,
  })
  const [file] = positionals
  if (file === undefined) throw new UsageError('a file is needed')
  if (!isLabInterface(values.interface))
    throw new UsageError('--interface: only interfaces of a lab (fw-…) are sent on')
  process.stdout.write(`${JSON.stringify(play(file, values.interface))}\n`)
})
