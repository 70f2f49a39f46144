// A counting worker in plain memory for tests: frames in, lines of hosts out.

import { TPACKET3 } from '#1-capture/af-packet/layout.ts'
import { LINK } from '#2-decode/sample.ts'
import { parseAddress } from '#lib/ip/address.ts'
import { bindChangeable, type Counting, type CountingOptions, tablesForAny } from './counting.ts'
import { flowsBefore, flowsNow } from './flow-sketch.ts'
import {
  CLASS,
  CONTROL,
  FRAGMENT,
  type HostTables,
  hasTraffic,
  LINE,
  lineOf,
  PAGE_FREE,
  PAGE_SLOTS,
  PAGE_V6,
  TOTAL,
} from './host-tables.ts'
import { addressOfWord, addressOfWords } from './network-table.ts'
import { prefixesFor } from './slots-for-tests.ts'

const MEMORY_BYTES = 1 << 19
/** As the kernel lays a slot out: the network header behind Ethernet begins at a multiple of 16. */
const FRAME_OFFSET = 82
const SNAP_BYTES = 128

export interface TestFrame {
  readonly bytes: Uint8Array
  /** Length on the wire; default that of `bytes`. */
  readonly wire?: number
  readonly seconds?: number
  readonly nanoseconds?: number
  /** Bytes from the link layer to the network header, as the kernel says; default 14. */
  readonly linkBytes?: number
  /** Slot status bits. */
  readonly status?: number
}

/** Packets and bytes of a line by class, and its flows. */
export interface LineCounts {
  readonly [name: string]: readonly [packets: number, bytes: number]
}

export type Side = 'incoming' | 'outgoing'

export interface CountingSetup {
  readonly tables: HostTables
  readonly counting: Counting
  /** Watches these networks from now on. */
  changeNetworks(...networks: string[]): void
  /** Counts a frame through the decoder, as a replay does; `stride` above 0 keeps it as a recent one. */
  frame(frame: TestFrame, stride?: number, link?: number): void
  /** Counts frames as one block of a ring. */
  block(frames: readonly TestFrame[]): void
  /** What the reader does at a tick: goes to this tick and flow window. */
  tick(epoch: number, window: number): void
  /** Slot of a host, 0 when it has none. */
  slotOf(host: string): number
  /** What a line has counted, without what is zero. */
  line(host: string, side: Side): LineCounts
  flows(host: string, side: Side, when?: 'now' | 'before'): number
  /** Packets and bytes of a direction. */
  total(direction: 'incoming' | 'outgoing' | 'internal' | 'other', family?: 4 | 6): [number, number]
  control(word: keyof typeof CONTROL): number
}

/** A worker that watches `networks`; all else as given, or plain. */
export async function countingSetup(
  networks: readonly string[],
  changes: Partial<CountingOptions> & { readonly snapBytes?: number } = {},
): Promise<CountingSetup> {
  const { snapBytes = SNAP_BYTES, ...options } = changes
  const prefixes = prefixesFor(...networks)
  const hostsMax = options.hostsMax ?? 4096
  const tables = tablesForAny(hostsMax, snapBytes)
  const memory = new ArrayBuffer(MEMORY_BYTES)
  const { counting, changeNetworks } = await bindChangeable(tables, memory, {
    prefixes,
    hostsMax,
    seed: 0x5eed,
    link: LINK.ethernet,
    incoming: true,
    outgoing: true,
    internal: 'both',
    flows: 'all',
    lengthFromIp: false,
    innerTunnels: false,
    idleWindows: 60,
    ...options,
  })
  const change = (...texts: string[]) => changeNetworks(prefixesFor(...texts))
  const setup = {
    ...{ tables, counting, changeNetworks: change },
    ...feed(memory, counting),
    ...readings(tables),
  }
  // Any number of a tick but the one a reader begins with.
  setup.tick(-1, 1)
  counting.syncEpoch()
  return setup
}

function feed(memory: ArrayBuffer, counting: Counting): Pick<CountingSetup, 'frame' | 'block'> {
  const bytes = new Uint8Array(memory)
  const words = new Int32Array(memory)
  return {
    frame: ({ bytes: frame, wire = frame.length, seconds = 0, nanoseconds = 0 }, stride = 0, link = 1) => {
      // An odd place: nothing may rely on alignment here.
      const at = 3
      bytes.set(frame, at)
      const captured = frame.length
      counting.countFrame({ at, captured, wire, link, seconds, nanoseconds }, stride)
    },
    block: frames => {
      let at = 48
      for (const { bytes: frame, wire = frame.length, linkBytes = 14, ...rest } of frames) {
        const size = Math.ceil((FRAME_OFFSET + frame.length) / 8) * 8
        const w = at >> 2
        words[w + TPACKET3.nextOffset] = size
        words[w + TPACKET3.seconds] = rest.seconds ?? 0
        words[w + TPACKET3.nanoseconds] = rest.nanoseconds ?? 0
        words[w + TPACKET3.captured] = frame.length
        words[w + TPACKET3.wire] = wire
        words[w + TPACKET3.status] = rest.status ?? 0
        words[w + TPACKET3.offsets] = FRAME_OFFSET | ((FRAME_OFFSET + linkBytes) << 16)
        bytes.set(frame, at + FRAME_OFFSET)
        at += size
      }
      counting.countBlock(48, frames.length)
    },
  }
}

/** What can be read of the tables of a worker. */
export function readings(tables: HostTables) {
  const { control, counters, totals } = tables
  let window = 1
  const lineFor = (host: string, side: Side) => lineOf(slotOf(tables, host), side === 'incoming' ? 0 : 1)
  const pair = (at: number): [number, number] => [counters[at]!, counters[at + 1]!]
  return {
    tick: (epoch: number, to: number) => {
      window = to
      control[CONTROL.window] = to
      control[CONTROL.epoch] = epoch
      return undefined
    },
    slotOf: (host: string) => slotOf(tables, host),
    line: (host: string, side: Side): LineCounts => {
      const at = lineFor(host, side) * LINE
      const counts = Object.entries({ ...CLASS, fragment: FRAGMENT }).map(
        ([name, word]) => [name, pair(at + word)] as const,
      )
      return Object.fromEntries(counts.filter(([, [packets]]) => packets !== 0))
    },
    flows: (host: string, side: Side, when: 'now' | 'before' = 'now') =>
      (when === 'now' ? flowsNow : flowsBefore)(tables, lineFor(host, side), window),
    total: (direction: 'incoming' | 'outgoing' | 'internal' | 'other', family: 4 | 6 = 4) => {
      const at = TOTAL[direction] + (family === 6 ? TOTAL.ipv6 : 0)
      return [totals[at]!, totals[at + 1]!] as [number, number]
    },
    control: (word: keyof typeof CONTROL) => control[CONTROL[word]]!,
  }
}

/** Looks at every slot that is in use: slow, and knows nothing of how the hot path finds them. */
function slotOf(tables: HostTables, host: string): number {
  const { family, value } = parseAddress(host)!
  const { keys, pageKinds } = tables
  for (let slot = PAGE_SLOTS; slot < tables.slots; slot++) {
    const kind = pageKinds[slot >> 8]!
    // What was taken back and has no host yet still has the key of the last one.
    if (kind === PAGE_FREE || !hasTraffic(tables, slot)) continue
    const at = slot * 4
    const address =
      kind === PAGE_V6
        ? addressOfWords(keys[at]!, keys[at + 1]!, keys[at + 2]!, keys[at + 3]!)
        : addressOfWord((kind & 0xff_ffff) | ((slot & 255) << 24))
    if (address.family === family && address.value === value) return slot
  }
  return 0
}
