// What decoding costs per packet kind, beside an empty walk over the same frames in the same run.
//
// Each kind fills a ring of 4096 equal frames; the last row mixes all kinds in an order no branch predictor learns.
// Figures are the best of several rounds: other work on the machine can only make a round slower. The frames fit the
// cache, so this is the work of decoding alone.

import { decodeFrame } from '#2-decode/frame/decode-frame.ts'
import * as build from '#2-decode/frame/frames-for-tests.ts'
import { ETHER_TYPE } from '#2-decode/frame/layer.ts'
import { PROTOCOL } from '#2-decode/frame/transport.ts'
import { FLAG, LINK, OUTCOME, Sample } from '#2-decode/sample.ts'
import { assert } from '#lib/assert.ts'
import { type Cell, printTable } from './table.ts'

const FRAMES = 4096
const ROUNDS = 15
const FRAMES_PER_ROUND = 1 << 18

interface Kind {
  readonly name: string
  readonly frame: readonly number[]
  readonly insideTunnels?: boolean
}

const { udp } = PROTOCOL
const udpPayload = build.udp(1900, 80)
const gre = build.ipv4({ protocol: PROTOCOL.gre, payload: build.gre(0, ETHER_TYPE.ipv4, 0, build.udpV4()) })
const destination = build.extension(udp, udpPayload)

const KINDS: readonly Kind[] = [
  { name: 'IPv4 UDP', frame: build.udpFrame() },
  { name: 'IPv4 TCP', frame: v4(PROTOCOL.tcp, build.tcp(40_000, 443, FLAG.syn)) },
  { name: 'IPv4 ICMP', frame: v4(PROTOCOL.icmp, build.icmp(8, 0)) },
  { name: 'IPv4 later fragment', frame: build.ethernet(ETHER_TYPE.ipv4, laterFragment()) },
  { name: 'VLAN, IPv4 UDP', frame: tagged(build.tag(100, ETHER_TYPE.ipv4, build.udpV4())) },
  { name: 'QinQ, IPv4 UDP', frame: tagged(doubleTag()) },
  { name: 'MPLS, 2 labels, IPv4 UDP', frame: build.ethernet(ETHER_TYPE.mpls, labels()) },
  { name: 'PPPoE, IPv4 UDP', frame: build.ethernet(ETHER_TYPE.pppoeSession, session()) },
  { name: 'IPv6 UDP', frame: v6(udp, udpPayload) },
  { name: 'IPv6 TCP', frame: v6(PROTOCOL.tcp, build.tcp(40_000, 443, FLAG.syn)) },
  { name: 'VLAN, IPv6 UDP', frame: tagged(build.tag(100, ETHER_TYPE.ipv6, build.udpV6())) },
  { name: 'IPv6, 1 extension header, UDP', frame: v6(60, destination) },
  {
    name: 'IPv6, 3 extension headers, UDP',
    frame: v6(0, build.extension(43, build.extension(60, destination))),
  },
  { name: 'IPv6 first fragment, UDP', frame: v6(44, build.fragment6(udp, 0, true, udpPayload)) },
  { name: 'IPv6 later fragment', frame: v6(44, build.fragment6(udp, 1448, false, udpPayload)) },
  { name: 'GRE, outer', frame: build.ethernet(ETHER_TYPE.ipv4, gre) },
  { name: 'GRE, inner IPv4 UDP', frame: build.ethernet(ETHER_TYPE.ipv4, gre), insideTunnels: true },
]

function v4(protocol: number, payload: readonly number[]): number[] {
  return build.ethernet(ETHER_TYPE.ipv4, build.ipv4({ protocol, payload }))
}

function v6(next: number, payload: readonly number[]): number[] {
  return build.ethernet(ETHER_TYPE.ipv6, build.ipv6({ next, payload }))
}

function tagged(payload: readonly number[]): number[] {
  return build.ethernet(ETHER_TYPE.customerTag, payload)
}

function doubleTag(): number[] {
  return build.tag(200, ETHER_TYPE.customerTag, build.tag(100, ETHER_TYPE.ipv4, build.udpV4()))
}

function labels(): number[] {
  return build.label(16, false, build.label(17, true, build.udpV4()))
}

function session(): number[] {
  return build.pppoe(0, [0, 0x21, ...build.udpV4()])
}

function laterFragment(): number[] {
  return build.ipv4({ protocol: udp, payload: build.filled(64), fragment: 185 })
}

type Frames = ReturnType<typeof build.layOut>

const sample = new Sample()
/** Takes what the loops compute, so that none of it can be left out. */
let sink = 0

function decodeAll({ view, at, end }: Frames, insideTunnels: boolean): void {
  let decoded = 0
  let sum = 0
  for (let i = 0; i < FRAMES; i++) {
    const outcome = decodeFrame(view, at[i]!, end[i]!, LINK.ethernet, insideTunnels, sample)
    if (outcome === OUTCOME.decoded) decoded++
    sum = (sum + sample.targetA + sample.targetPort) | 0
  }
  sink = (sink + sum) | 0
  assert(decoded === FRAMES, 'every frame of the bench is decoded')
}

/** Reads one word of each frame: the least that a loop over frames can do. */
function walkAll({ view, at }: Frames): void {
  let sum = 0
  for (let i = 0; i < FRAMES; i++) sum = (sum + view.getInt32(at[i]! + 10, true)) | 0
  sink = (sink + sum) | 0
}

/** Nanoseconds per frame, best of all rounds. */
function measure(work: () => void): number {
  let best = Number.POSITIVE_INFINITY
  for (let round = 0; round < ROUNDS; round++) {
    const start = process.hrtime.bigint()
    for (let done = 0; done < FRAMES_PER_ROUND; done += FRAMES) work()
    best = Math.min(best, Number(process.hrtime.bigint() - start) / FRAMES_PER_ROUND)
  }
  return best
}

/** A frame of some kind for each place, the same at every run. */
function shuffled(): Frames {
  let state = 1
  return build.layOut(
    Array.from({ length: FRAMES }, () => {
      state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
      return KINDS[(state >>> 16) % KINDS.length]?.frame ?? []
    }),
  )
}

const runs = KINDS.map(({ name, frame, insideTunnels = false }) => ({
  name,
  frames: build.layOut(Array.from({ length: FRAMES }, () => frame)),
  insideTunnels,
}))
runs.push({ name: 'all kinds mixed, inner', frames: shuffled(), insideTunnels: true })

// Everything once before: the code is then compiled for all kinds, as it is in a worker that sees mixed traffic.
for (const { frames, insideTunnels } of runs) measure(() => decodeAll(frames, insideTunnels))

const empty = Math.min(...runs.map(({ frames }) => measure(() => walkAll(frames))))
const row = (name: string, nanoseconds: number): Cell[] => [
  name,
  nanoseconds,
  1000 / nanoseconds,
  nanoseconds / empty,
]
const rows = runs.map(({ name, frames, insideTunnels }) =>
  row(
    name,
    measure(() => decodeAll(frames, insideTunnels)),
  ),
)
printTable(
  'decode, one core, frames in the cache',
  ['packet', 'ns/packet', 'Mpps', 'x empty walk'],
  [row('empty walk', empty), ...rows],
)
assert(Number.isInteger(sink), 'the loops were run')
