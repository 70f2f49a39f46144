// Flow telemetry live: what Floodwarden, FastNetMon and nfcapd accept and spend on the same datagrams, one after the other.
//
// Datagrams come over the loopback of the detector's namespace from one exporter, as full as Ethernet allows: 30 records of
// NetFlow or IPFIX, 7 samples of sFlow with 128 bytes of a packet each, to 256 hosts. Records lasted a second, samples have a
// rate of 1 in 1000. Detectors listen as they come: FastNetMon keeps the kernel's queue of 212,992 bytes.

import { type ExportProtocol, PROTOCOLS } from '../lab/exports/datagrams.ts'
import { TELEMETRY_PORT } from './detector.ts'
import { hasFastnetmon } from './fastnetmon.ts'
import { collectorsOf, type FlowCost, measureExports, prepare, type StartWriter } from './flow-cost.ts'
import { atMost, type Gate, printGates, timesAtMost } from './gate.ts'
import { benchOptions } from './options.ts'
import { onStage, type Stage } from './stage.ts'
import { OURS, PEER } from './starters.ts'
import { median } from './statistics.ts'
import { type Cell, printTable } from './table.ts'

const { quick } = benchOptions()
const ROUNDS = quick ? 1 : 3
const SECONDS = quick ? 2 : 4
const IDLE_SECONDS = quick ? 1.5 : 3
const NETWORK = '10.10.0.0/16'
const STEADY = 1_600_000
const MAXIMUM = 'max'
const NFCAPD = 'nfcapd'
const TITLES: Readonly<Record<ExportProtocol, string>> = {
  netflow5: 'NetFlow v5',
  netflow9: 'NetFlow v9',
  ipfix: 'IPFIX',
  sflow: 'sFlow',
}

type Rate = typeof STEADY | typeof MAXIMUM

/** What a generator in one thread makes of samples is less than that. */
const ratesOf = (protocol: ExportProtocol): readonly Rate[] =>
  protocol === 'sflow' ? [MAXIMUM] : [STEADY, MAXIMUM]
const portOf = (protocol: ExportProtocol) =>
  protocol === 'sflow' ? TELEMETRY_PORT.sflow : TELEMETRY_PORT.netflow

interface Run extends FlowCost {
  readonly collector: string
  readonly protocol: ExportProtocol
  readonly rate: Rate
}

/** nfcapd's own port for sFlow is another program, which Debian has apart. */
async function measureCollector(
  stage: Stage,
  start: StartWriter,
  protocol: ExportProtocol,
): Promise<readonly Run[]> {
  await using writer = await start(stage)
  if (writer.name === NFCAPD && protocol === 'sflow') return []
  const traffic = { protocol, port: portOf(protocol) }
  const idle = await prepare(stage, writer, traffic, IDLE_SECONDS)
  const found: Run[] = []
  for (const rate of ratesOf(protocol)) {
    const cost = await measureExports(stage, writer, { ...traffic, rate, seconds: SECONDS }, idle)
    found.push({ collector: writer.name, protocol, rate, ...cost })
  }
  return found
}

const runsOf = (collector: string, protocol: ExportProtocol, rate: Rate): readonly Run[] =>
  runs.filter(run => run.collector === collector && run.protocol === protocol && run.rate === rate)

const figure = (same: readonly Run[], read: (run: Run) => number): number =>
  same.length === 0 ? Number.NaN : median(same.map(read))

function rowsOf(protocol: ExportProtocol, rate: Rate): Cell[][] {
  const nanos = ({ nanosPerRecord }: Run) => nanosPerRecord
  const ours = figure(runsOf(OURS, protocol, rate), nanos)
  return [...new Set(runs.map(run => run.collector))].flatMap(collector => {
    const same = runsOf(collector, protocol, rate)
    if (same.length === 0) return []
    const of = (read: (run: Run) => number) => figure(same, read)
    return [
      [
        TITLES[protocol],
        rate === MAXIMUM ? 'maximum' : rate.toLocaleString('en-US'),
        collector,
        Math.round(of(run => run.sentPerSecond)),
        Math.round(of(run => run.acceptedPerSecond)),
        of(run => run.lostPercent),
        Math.max(...same.map(run => run.lostPercent)),
        of(nanos),
        of(run => run.idle),
        of(run => run.cores),
        Math.round(of(run => run.megabytes)),
        collector === OURS ? '' : ours / of(nanos),
      ],
    ]
  })
}

function lossGate(protocol: ExportProtocol, rate: Rate): Gate {
  const lost = Math.max(...runsOf(OURS, protocol, rate).map(run => run.lostPercent))
  const pace = rate === MAXIMUM ? 'at all the generator sends' : `at ${rate.toLocaleString('en-US')}/s`
  return atMost(`${TITLES[protocol]} ${pace}: records lost in the worst round,`, lost, 0, '%')
}

function peerGates(protocol: ExportProtocol): Gate[] {
  const of = (collector: string, read: (run: Run) => number) =>
    figure(runsOf(collector, protocol, MAXIMUM), read)
  const nanos = [OURS, PEER].map(name => of(name, run => run.nanosPerRecord))
  const [ours = Number.NaN, theirs = Number.NaN] = nanos
  if (protocol === 'sflow')
    return [timesAtMost('sFlow: time per sample in times of FastNetMon', [ours, theirs], 1, 'ns')]
  const [mine = Number.NaN, other = Number.NaN] = [OURS, PEER].map(name =>
    of(name, run => run.acceptedPerSecond),
  )
  const bound = protocol === 'netflow5' ? 1 : 1.5
  const accepted = {
    what: `${TITLES[protocol]} at saturation: accepted at least ${bound} times what FastNetMon accepts`,
    measured: `${(mine / other).toFixed(2)} times (${Math.round(mine)} of ${Math.round(other)} records/s)`,
    isMet: mine >= other * bound,
  }
  if (protocol === 'netflow5') return [accepted]
  const what = `${TITLES[protocol]} at saturation: time per record in times of FastNetMon`
  return [accepted, timesAtMost(what, [ours, theirs], 1 / 2, 'ns')]
}

const runs = await onStage(async stage => {
  const found: Run[] = []
  for (let round = 0; round < ROUNDS; round++)
    for (const protocol of PROTOCOLS)
      for (const start of collectorsOf([NETWORK]))
        found.push(...(await measureCollector(stage, start, protocol)))
  return found
})
printTable(
  `flow telemetry over loopback, ${SECONDS} s, median of ${ROUNDS}`,
  [
    'protocol',
    'offered/s',
    'collector',
    'sent/s',
    'accepted/s',
    'lost %',
    'worst lost %',
    'CPU ns/record',
    'idle cores',
    'cores',
    'RSS MB',
    'ours / this',
  ],
  PROTOCOLS.flatMap(protocol => ratesOf(protocol).flatMap(rate => rowsOf(protocol, rate))),
)
printGates([
  ...PROTOCOLS.map(protocol => lossGate(protocol, protocol === 'sflow' ? MAXIMUM : STEADY)),
  ...(hasFastnetmon() ? PROTOCOLS.flatMap(peerGates) : []),
])
