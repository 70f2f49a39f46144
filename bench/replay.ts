// How fast a capture file is replayed, beside a bare walk over the same file in the same run.
//
// The files hold mixed traffic (IPv4 and IPv6, UDP, SYN, ICMP, fragments, VLAN tags; 60, 590 and 1514 bytes as 7 : 4 : 1)
// towards random victims, complete frames, at a million packets a second by their own clock. They lie in the system's
// cache when they are read. Figures are the best of several rounds.

import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PcapFile } from '#1-capture/pcap-file/pcap-file.ts'
import { assert } from '#lib/assert.ts'
import { timeline } from '../lab/timeline.ts'
import { writePcap } from '../lab/write-pcap.ts'
import { LAUNCHER } from './floodwarden.ts'
import { printGates } from './gate.ts'
import { benchOptions } from './options.ts'
import { mixedParts, SIZES, type Size } from './ring-frames.ts'
import { bestNanos } from './statistics.ts'
import { type Cell, printTable } from './table.ts'

const { quick } = benchOptions()
const PACKETS = quick ? 300_000 : 2_000_000
const ROUNDS = quick ? 1 : 3
const PACKETS_PER_SECOND = 1_000_000
const GATE_MEGAPACKETS = 5

interface Measured {
  readonly hosts: number
  readonly megabytes: number
  /** Millions of packets per second: of a bare walk, of the replay, of the replay with the start of the program. */
  readonly walk: number
  readonly replay: number
  readonly program: number
}

function measure(size: Size, folder: string): Measured {
  const file = join(folder, `${size.hosts}.pcap`)
  const seconds = PACKETS / PACKETS_PER_SECOND
  const traffic = { rate: PACKETS_PER_SECOND, seconds, parts: mixedParts(size) }
  assert(writePcap(file, timeline(traffic, 1)) === PACKETS, 'the file has all packets')
  const walk = bestNanos(ROUNDS, () => walkFile(file))
  const runs = Array.from({ length: ROUNDS }, () => replayFile(file, size))
  const rate = (nanos: number) => (PACKETS * 1000) / nanos
  return {
    hosts: size.hosts,
    megabytes: statSync(file).size / 1e6,
    walk: rate(walk),
    replay: rate(Math.min(...runs.map(run => run.replay))),
    program: rate(Math.min(...runs.map(run => run.program))),
  }
}

function walkFile(path: string): void {
  const file = new PcapFile(path)
  let packets = 0
  while (file.next()) packets++
  file.close()
  assert(packets === PACKETS, 'the walk sees all packets')
}

/** Nanoseconds of one replay, by its own words and by the clock of the one who started it. */
function replayFile(file: string, { v4, v6 }: Size): { replay: number; program: number } {
  const began = process.hrtime.bigint()
  const { status, stdout, stderr } = spawnSync(
    LAUNCHER,
    ['replay', '--json', '--networks', `${v4},${v6}`, file],
    { encoding: 'utf8', maxBuffer: 1 << 28 },
  )
  const program = Number(process.hrtime.bigint() - began)
  assert(status === 0, `the replay ends well: ${stderr}`)
  assert(JSON.parse(stdout).packets === PACKETS, 'the replay sees all packets')
  const seconds = Number(/read in ([\d.]+) s/.exec(stderr)?.[1])
  return { replay: seconds * 1e9, program }
}

const rowOf = ({ hosts, megabytes, walk, replay, program }: Measured): Cell[] => [
  hosts,
  Math.round(megabytes),
  walk,
  replay,
  (1000 * megabytes * replay) / PACKETS,
  program,
  walk / replay,
]

const folder = mkdtempSync(join(tmpdir(), 'floodwarden-bench-'))
try {
  const measured = SIZES.filter(({ hosts }) => hosts <= 65_536).map(size => measure(size, folder))
  printTable(
    `replay of ${PACKETS.toLocaleString('en-US')} mixed packets at full speed, best of ${ROUNDS}`,
    ['hosts', 'file MB', 'walk Mpps', 'replay Mpps', 'GB/s', 'with start Mpps', 'walk / replay'],
    measured.map(rowOf),
  )
  printGates(
    measured.map(({ hosts, replay }) => ({
      what: `replay ${GATE_MEGAPACKETS} Mpps mixed, ${hosts} hosts`,
      measured: `${replay.toFixed(2)} Mpps`,
      isMet: replay >= GATE_MEGAPACKETS,
    })),
  )
} finally {
  rmSync(folder, { recursive: true, force: true })
}
