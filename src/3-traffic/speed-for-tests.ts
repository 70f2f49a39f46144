// A reader of speeds over counting workers in plain memory, for tests: tick by tick, with hosts by their addresses.

import { formatAddress } from '#lib/ip/address.ts'
import type { CountingSetup, Side } from './counting-for-tests.ts'
import { METRIC, type Metric } from './metric.ts'
import { SpeedPass, type SpeedTiming } from './speed.ts'

export interface TickOptions {
  /** Whether a flow window ends with the tick. */
  readonly window?: boolean
  /** What happens when the reader has begun the tick and has not read it yet. */
  readonly meanwhile?: () => void
  /** Workers that go on to the new tick on their own account, or not at all. */
  readonly keepWorkers?: boolean
  readonly milliseconds?: number
}

/** By host and direction (`10.0.0.1 incoming`): what its line did, without what is zero. */
export type Deeds = Readonly<Record<string, Partial<Record<Metric, number>>>>

export interface SpeedReader {
  readonly pass: SpeedPass
  /** Hosts as they came (`+10.0.0.1`) and went (`-10.0.0.1`). */
  readonly comings: string[]
  nowMs: number
  tick(options?: TickOptions): Deeds
  lineOf(host: string, side: Side): number
}

export function speedReader(
  workers: readonly CountingSetup[],
  timing: Partial<SpeedTiming> & { readonly samplingRates?: readonly number[] } = {},
): SpeedReader {
  const { samplingRates = [], ...times } = timing
  const comings: string[] = []
  const names = new Map<number, string>()
  const pass = new SpeedPass(
    workers.map(({ tables }, at) => ({ tables, samplingRate: samplingRates[at] ?? 1 })),
    { averageSeconds: 5, windowSeconds: 1, busyPackets: 1, busyBytes: 2 ** 31, ...times },
    {
      attached: (host, address) => {
        names.set(host, formatAddress(address))
        comings.push(`+${formatAddress(address)}`)
      },
      detached: host => comings.push(`-${names.get(host)}`),
    },
  )
  let epoch = 1
  let windowBegan = 0
  pass.begin(epoch, pass.windowSeconds)
  for (const { counting } of workers) counting.syncEpoch()
  const reader: SpeedReader = {
    pass,
    comings,
    nowMs: 0,
    tick: ({ window = false, meanwhile, keepWorkers = false, milliseconds = 100 } = {}) => {
      reader.nowMs += milliseconds
      pass.begin(++epoch, window ? (reader.nowMs - windowBegan) / 1000 : undefined)
      if (window) windowBegan = reader.nowMs
      meanwhile?.()
      const { lines, count } = pass.due(window)
      const deeds: Record<string, Partial<Record<Metric, number>>> = {}
      for (const line of lines.slice(0, count)) {
        pass.read(line, reader.nowMs)
        const row = Object.entries(METRIC).map(([name, at]) => [name, pass.row[at]!] as const)
        const side = (line & 1) === 0 ? 'incoming' : 'outgoing'
        deeds[`${formatAddress(pass.address(line >> 1))} ${side}`] = Object.fromEntries(
          row.filter(([, value]) => value !== 0),
        )
      }
      if (window) pass.hosts.prune()
      if (!keepWorkers) for (const { counting } of workers) counting.syncEpoch()
      return deeds
    },
    lineOf: (host, side) => {
      const number = [...names].findLast(([, name]) => name === host)?.[0] ?? 0
      return number * 2 + (side === 'incoming' ? 0 : 1)
    },
  }
  return reader
}
