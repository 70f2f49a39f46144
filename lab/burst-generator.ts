// The burst generator: the kernel itself makes the frames and takes them in as if an interface had received them.
//
// BPF_PROG_TEST_RUN with live frames runs an XDP program again and again over frames of its own; each frame it passes
// enters the stack, and packet sockets see it. One core makes millions a second. It runs in the namespace of the
// receiving interface. Rates below the maximum come in bursts, ten a second.

import { createSharedValue, LiveFrames, loadXdpProgram } from '#lib/linux/bpf.ts'
import { close, mapShared } from '#lib/linux/libc.ts'
import { burstFrameBytes, burstProgram, SHARED } from './burst-program.ts'
import { lastMilliseconds, packetsDue, pause, untilDue } from './pace.ts'
import { labInterfaceIndex } from './send-socket.ts'
import { realtimeNanos, type SendOptions, type Sent, sentReport } from './sent.ts'
import { templatesOf } from './template.ts'
import { boundsOf, type Traffic, type Wire } from './traffic.ts'

/** A call costs some 25 ms before its first frame, so each makes many. */
const MOST_PACKETS_A_CALL = 1 << 20
/** The first call at the maximum rate finds out how fast this machine is. */
const FIRST_PACKETS = 1 << 17
const BURSTS_A_SECOND = 10
const PAGE_BYTES = 4096

/** Sends the traffic into the stack as if the lab's interface had received it; needs root. Throws `SystemCallError` or `ProgramRefused`. */
export function sendInBursts(traffic: Traffic, wire: Wire, options: SendOptions): Sent {
  const { rate } = traffic
  const bounds = boundsOf(traffic)
  const end = lastMilliseconds(rate, bounds.seconds)
  using frames = new BurstFrames(traffic, wire, options)
  const first = realtimeNanos()
  options.onFirst?.(first)
  const start = performance.now()
  let elapsed = 0
  let { sent, bytes } = frames.counted()
  while (sent < bounds.packets && elapsed < end) {
    const burst = Math.min(burstPackets(rate, sent, elapsed, end), bounds.packets - sent)
    const waiting = packetsDue(rate, bounds.packets, elapsed) - sent
    if (waiting < burst) pause(untilDue(rate, sent + burst - 1, elapsed))
    else frames.send(rate === 'max' ? burst : Math.min(waiting, MOST_PACKETS_A_CALL))
    elapsed = performance.now() - start
    ;({ sent, bytes } = frames.counted())
  }
  return sentReport({ sent, bytes, refused: 0 }, elapsed, first)
}

/** Packets of the next call: a tenth of a second's at a rate, else as many as the speed so far promises before the end. */
export function burstPackets(rate: Traffic['rate'], sent: number, elapsed: number, end: number): number {
  if (rate !== 'max') return Math.min(Math.ceil(rate / BURSTS_A_SECOND), MOST_PACKETS_A_CALL)
  if (sent === 0) return FIRST_PACKETS
  return Math.min(Math.ceil((sent / elapsed) * (end - elapsed)), MOST_PACKETS_A_CALL)
}

/** The program with its counters, which are read in place. */
class BurstFrames implements Disposable {
  readonly #map: number
  readonly #shared: ReturnType<typeof mapShared>
  readonly #live: LiveFrames

  constructor(traffic: Traffic, wire: Wire, options: SendOptions) {
    const interfaceIndex = labInterfaceIndex(options.interface)
    const templates = templatesOf(traffic, wire)
    using partly = new DisposableStack()
    this.#map = partly.adopt(createSharedValue('fw_burst', SHARED.size), close)
    this.#shared = partly.adopt(mapShared(this.#map, PAGE_BYTES), mapping => mapping.unmap())
    // The generator in the program stays at zero once it is there.
    new DataView(this.#shared.buffer).setBigUint64(
      SHARED.random,
      BigInt(options.seed) + 0x9e37_79b9_7f4a_7c15n,
      true,
    )
    const program = partly.adopt(loadXdpProgram('fw_burst', burstProgram(templates, this.#map)), close)
    this.#live = new LiveFrames(program, new Uint8Array(burstFrameBytes(templates)), interfaceIndex)
    partly.move()
  }

  /** Makes this many frames, or fewer when a signal comes. */
  send(packets: number): void {
    this.#live.run(packets)
  }

  counted(): { sent: number; bytes: number } {
    const view = new DataView(this.#shared.buffer)
    return {
      sent: Number(view.getBigUint64(SHARED.packets, true)),
      bytes: Number(view.getBigUint64(SHARED.bytes, true)),
    }
  }

  [Symbol.dispose](): void {
    this.#live[Symbol.dispose]()
    this.#shared.unmap()
    close(this.#map)
  }
}
