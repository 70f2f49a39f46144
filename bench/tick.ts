// What the reader of the counters costs: listing the lines with traffic, reading and judging them, per line and tick.
//
// A tick of 100 ms visits the busy lines, at two million packets per second of random victims; each second a flow
// window ends and all lines with traffic are visited. The plain mode visits them all, judges averages and flows, as
// FastNetMon does. Figures are medians of several rounds. Hosts count incoming traffic only, so a host is one line.

import { prefixesOf } from '#3-traffic/hostgroup.ts'
import { type CountedSource, SpeedPass } from '#3-traffic/speed.ts'
import { Detector } from '#4-detection/detector.ts'
import { Membership } from '#4-detection/membership.ts'
import { defaultConfig } from '#app/config/config.ts'
import { BUSY, CountingWorker } from './counting-worker.ts'
import { hasFastnetmon } from './fastnetmon.ts'
import { benchOptions } from './options.ts'
import { peerPassMilliseconds } from './peer-pass.ts'
import { drawFrames, eachHostOnce, SIZES, type Size, udpPart } from './ring-frames.ts'
import { median, nanosOf } from './statistics.ts'
import { type Cell, printTable } from './table.ts'
import { blockMemory, blocksFor, type FilledBlocks, fillBlocks } from './tpacket-blocks.ts'

const { quick } = benchOptions()
const ROUNDS = quick ? 3 : 11
const TICK_SECONDS = 0.1
const WINDOW_SECONDS = 1
const FRAME_BYTES = 60

type Mode = 'budget' | 'plain'

/** What one tick took, in nanoseconds. */
interface Taken {
  readonly lines: number
  readonly list: number
  readonly judge: number
}

/** The reader: speeds and detector as the engine joins them, with a clock of its own. */
class Reader {
  readonly #pass: SpeedPass
  readonly #detector: Detector
  #epoch = 1
  #seconds = 0

  constructor(mode: Mode, source: CountedSource, size: Size) {
    const { detection, hostgroups, whitelist, traffic } = defaultConfig()
    const { averageSeconds } = traffic
    const timing = { averageSeconds, windowSeconds: WINDOW_SECONDS, ...BUSY }
    this.#pass = new SpeedPass([source], timing, {
      attached: (host, address) => this.#detector.attached(host, address),
      detached: host => this.#detector.detached(host),
    })
    this.#detector = new Detector({
      detection: { ...detection, mode },
      membership: new Membership({ detection, hostgroups, whitelist }),
      averageSeconds,
      hosts: this.#pass.hosts.capacity,
      networks: prefixesOf([size.v4, size.v6]),
      suspects: { began: () => {}, ended: () => {} },
    })
    this.#pass.begin(this.#epoch, this.#pass.windowSeconds)
  }

  /** Ends a tick that lasted so long. */
  tick(seconds: number, windowSeconds: number | undefined): Taken {
    this.#epoch++
    this.#seconds += seconds
    const isWindow = windowSeconds !== undefined
    this.#pass.begin(this.#epoch, windowSeconds)
    const now = { seconds: this.#seconds, wallMs: this.#seconds * 1000 }
    let lines: ReturnType<SpeedPass['due']> = { lines: new Int32Array(0), count: 0 }
    const list = nanosOf(() => {
      lines = this.#pass.due(isWindow)
    })
    const judge = nanosOf(() => {
      this.#detector.tick({ now, seconds, lines, windowSeconds }, this.#pass)
      if (isWindow) this.#pass.hosts.prune()
    })
    return { lines: lines.count, list, judge }
  }
}

/** One ring with random victims, one in which each host of the size has one packet. */
async function measure(size: Size, mode: Mode): Promise<Pass[]> {
  const blocks = Math.max(16, blocksFor(size.hosts, FRAME_BYTES))
  const before = process.memoryUsage.rss()
  const ring = blockMemory(blocks)
  const worker = await CountingWorker.open(size, ring)
  const reader = new Reader(mode, { tables: worker.tables, samplingRate: 1 }, size)
  const each = fillBlocks(blocks, eachHostOnce(size), ring)
  const first = touchAll(worker, each, reader)
  const windows = Array.from({ length: ROUNDS }, () => touchAll(worker, each, reader))
  const windowed = [
    passOf(mode, 'first sight of all hosts', [first], WINDOW_SECONDS),
    passOf(mode, 'window, all hosts', windows, WINDOW_SECONDS),
  ]
  tell(
    `${size.hosts} hosts, ${mode}: tables, speeds and judge take ${megabytesSince(before, ring.byteLength)} MiB`,
  )
  if (mode === 'plain') return windowed
  const random = fillBlocks(blocks, drawFrames([udpPart(size)], 1), ring)
  return [...windowed, passOf(mode, 'tick, 200,000 packets', busyTicks(worker, random, reader), TICK_SECONDS)]
}

/** Resident memory that was added, less the ring with the frames. What sizes before have left free is not in it. */
const megabytesSince = (before: number, ringBytes: number): number =>
  Math.round((process.memoryUsage.rss() - before - ringBytes) / 2 ** 20)

const tell = (line: string): void => void process.stdout.write(`${line}\n`)

/** A window in which every host had a packet. */
function touchAll(worker: CountingWorker, ring: FilledBlocks, reader: Reader): Taken {
  for (let block = 0; block < ring.blocks; block++) worker.countBlock(block)
  return reader.tick(WINDOW_SECONDS, WINDOW_SECONDS)
}

function busyTicks(worker: CountingWorker, ring: FilledBlocks, reader: Reader): Taken[] {
  let block = 0
  return Array.from({ length: ROUNDS * 3 }, () => {
    block = worker.countTick(ring, block)
    return reader.tick(TICK_SECONDS, undefined)
  })
}

interface Pass {
  readonly cells: readonly Cell[]
  readonly milliseconds: number
  /** Of the kind that FastNetMon makes too: once a second, over all hosts. */
  readonly isWindow: boolean
}

function passOf(mode: Mode, name: string, taken: readonly Taken[], seconds: number): Pass {
  const of = (read: (one: Taken) => number) => median(taken.map(read))
  const lines = of(one => one.lines)
  const milliseconds = of(one => one.list + one.judge) / 1e6
  const share = (100 * milliseconds) / (seconds * 1000)
  const costs = [
    perLine(
      of(one => one.list),
      lines,
    ),
    perLine(
      of(one => one.judge),
      lines,
    ),
  ]
  return {
    cells: [mode, name, Math.round(lines), ...costs, milliseconds, share],
    milliseconds,
    isWindow: seconds === WINDOW_SECONDS && taken.length > 1,
  }
}

const perLine = (nanos: number, lines: number): Cell => (lines === 0 ? '-' : nanos / lines)

const canAskPeer = process.getuid?.() === 0 && hasFastnetmon()

/** Rows of one size; FastNetMon's own pass stands last, and beside those that do the same. */
async function rowsOf(size: Size): Promise<Cell[][]> {
  const peer = canAskPeer && size.hosts > 256 ? await peerPassMilliseconds(size) : undefined
  const ours = [...(await measure(size, 'budget')), ...(await measure(size, 'plain'))]
  const rows = ours.map(pass => [
    size.hosts,
    ...pass.cells,
    pass.isWindow && peer !== undefined ? pass.milliseconds / peer : '',
  ])
  if (peer === undefined) return rows
  const perHost = (peer * 1e6) / size.hosts
  return [
    ...rows,
    [size.hosts, 'FastNetMon', 'recalculation, all hosts', size.hosts, '', perHost, peer, peer / 10, 1],
  ]
}

const rows: Cell[][] = []
for (const size of SIZES) rows.push(...(await rowsOf(size)))
printTable(
  'the pass over the counters, one core',
  ['hosts', 'mode', 'pass', 'lines', 'list ns/line', 'judge ns/line', 'ms', '% of its time', 'x FastNetMon'],
  rows,
)
