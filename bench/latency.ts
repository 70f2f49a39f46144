// How long a flood lasts before the operator's script runs: from the first packet to the script's first line.
//
// The generator writes down when it sends its first packet, the script when it begins; both read the same clock. The
// limit is 20,000 packets per second, floods are 10, 3 and 1.25 times that, each on a host of its own, begun at a random
// moment between two ticks.

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { startFlood } from '../lab/flood.ts'
import { Lab, type Link } from '../lab/namespace.ts'
import { mirrorPlan } from '../lab/plan.ts'
import type { Detector, DetectorOptions } from './detector.ts'
import { hasFastnetmon, startFastnetmon } from './fastnetmon.ts'
import { startFloodwarden } from './floodwarden.ts'
import { MetricsReader } from './metrics-reader.ts'
import { benchOptions } from './options.ts'
import { median } from './statistics.ts'
import { type Cell, printTable } from './table.ts'

const { quick } = benchOptions()
const LIMIT = 20_000
const LOOK_MILLISECONDS = 20
const LONGEST_PHASE_MILLISECONDS = 1000

interface Case {
  readonly times: number
  /** The flood ends after so long when nobody has banned its victim. */
  readonly seconds: number
  readonly floods: number
}

const CASES: readonly Case[] = quick
  ? [{ times: 10, seconds: 5, floods: 2 }]
  : [
      { times: 10, seconds: 5, floods: 9 },
      { times: 3, seconds: 8, floods: 9 },
      { times: 1.25, seconds: 20, floods: 5 },
    ]

const PEER = 'FastNetMon, tracking off'
type Start = (options: DetectorOptions) => Promise<Detector>
const STARTS: readonly Start[] = [
  startFloodwarden,
  options => startFloodwarden({ ...options, mode: 'plain' }),
  ...(hasFastnetmon()
    ? [(options: DetectorOptions) => startFastnetmon({ ...options, tracking: false })]
    : []),
]

/** Seconds from first packet to script; `undefined` for floods that were not found. */
interface Series {
  readonly detector: string
  readonly times: number
  readonly delays: readonly (number | undefined)[]
}

/** A folder with the script, and where script and generator write their times. */
class StampFolder implements Disposable {
  readonly #folder = mkdtempSync(join(tmpdir(), 'floodwarden-bench-'))
  readonly script = join(this.#folder, 'stamp.sh')
  readonly #bans = join(this.#folder, 'bans')
  readonly first = join(this.#folder, 'first')

  constructor() {
    // Bash knows the time without starting another program.
    const lines = [
      '#!/bin/bash',
      'now=$EPOCHREALTIME',
      `[ "$4" = ban ] && echo "$1 $now" >> '${this.#bans}'`,
      'cat > /dev/null',
    ]
    writeFileSync(this.script, `${lines.join('\n')}\n`, { mode: 0o755 })
    writeFileSync(this.#bans, '')
  }

  /** When the script began for this host, in seconds since 1970. */
  bannedAt(host: string): number | undefined {
    const line = readFileSync(this.#bans, 'utf8')
      .split('\n')
      .find(ban => ban.startsWith(`${host} `))
    return line === undefined ? undefined : Number(line.split(' ')[1]?.replace(',', '.'))
  }

  firstSentAt(): number {
    return Number(readFileSync(this.first, 'utf8')) / 1e9
  }

  [Symbol.dispose](): void {
    rmSync(this.#folder, { recursive: true, force: true })
  }
}

async function measureDetector(lab: Lab, link: Link, reader: MetricsReader, start: Start): Promise<Series[]> {
  using folder = new StampFolder()
  const options = { lab, reader, interface: link.to.interface, networks: ['10.10.0.0/16'] }
  await using detector = await start({ ...options, limit: LIMIT, script: folder.script })
  const series: Series[] = []
  for (const [index, one] of CASES.entries()) {
    const delays: (number | undefined)[] = []
    for (let flood = 0; flood < one.floods; flood++) {
      await delay(Math.random() * LONGEST_PHASE_MILLISECONDS)
      delays.push(await measureFlood(lab, link, folder, one, `10.10.${index + 1}.${flood + 1}`))
    }
    series.push({ detector: detector.name, times: one.times, delays })
  }
  return series
}

async function measureFlood(
  lab: Lab,
  link: Link,
  folder: StampFolder,
  { times, seconds }: Case,
  target: string,
): Promise<number | undefined> {
  const flood = startFlood(lab, link, {
    scenario: 'udp-flood',
    target,
    bytes: 60,
    rate: LIMIT * times,
    seconds,
    processor: 0,
    stamp: folder.first,
  })
  let isOver = false
  const over = flood.sent.then(
    () => true,
    () => true,
  )
  void over.then(done => (isOver = done))
  for (;;) {
    const at = folder.bannedAt(target)
    if (at !== undefined) {
      flood.process.kill()
      await over
      return at - folder.firstSentAt()
    }
    if (isOver) return undefined
    await delay(LOOK_MILLISECONDS)
  }
}

function rowOf({ detector, times, delays }: Series): Cell[] {
  const found = delays.filter(seconds => seconds !== undefined)
  const head = [`${times} x`, detector, `${found.length} of ${delays.length}`]
  if (found.length === 0) return [...head, '-', '-', '-', '-']
  const peer = all.find(series => series.detector === PEER && series.times === times)
  const theirs = peer?.delays.filter(seconds => seconds !== undefined) ?? []
  const ratio = theirs.length === 0 ? '-' : median(theirs) / median(found)
  return [...head, median(found), Math.min(...found), Math.max(...found), ratio]
}

const all: Series[] = []
{
  await using lab = await Lab.create(mirrorPlan())
  const [link] = lab.links
  const reader = new MetricsReader(lab)
  for (const start of STARTS) if (link) all.push(...(await measureDetector(lab, link, reader, start)))
}
printTable(
  'from the first packet of a flood to the script, in seconds',
  ['flood / limit', 'detector', 'found', 'median s', 'least s', 'most s', "FastNetMon's / this"],
  all.toSorted((a, b) => b.times - a.times).map(rowOf),
)
