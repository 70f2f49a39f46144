// A snapshot for exporters, gathered from the engine worker: totals and networks at once, hosts while they are sent.

import { type FastnetmonNumbers, systemCounters } from '#compat/fastnetmon/metrics.ts'
import type { HostColumns, Snapshot } from '#export/push/snapshot.ts'
import type { EngineLink } from '../engine-worker/engine-link.ts'
import { type HostTable, PORTION } from '../engine-worker/host-table.ts'

/** What a snapshot needs of the daemon. */
export interface SnapshotSource {
  readonly ask: EngineLink['ask']
  /** Brings the numbers below up to date. */
  refresh(): Promise<void>
  numbers(): FastnetmonNumbers
}

/** Asked of the engine once it runs. */
export const snapshotSource = (
  engine: () => Pick<EngineLink, 'ask' | 'refresh'>,
  numbers: SnapshotSource['numbers'],
): SnapshotSource => ({
  ask: (...asked) => engine().ask(...asked),
  refresh: () => engine().refresh(),
  numbers,
})

/** Rejects when the engine does not answer; so does the walk over hosts. `classes`: whether speeds by class are wanted. */
export async function snapshotOf(source: SnapshotSource, classes: boolean): Promise<Snapshot> {
  const [networks] = await Promise.all([source.ask('networks', {}), source.refresh()])
  const numbers = source.numbers()
  return {
    at: networks.at,
    totals: numbers.totals,
    networks,
    counters: systemCounters(numbers),
    hosts: () => portionsOf(source, classes),
  }
}

/** The engine gathers the next portion while this one is sent. */
async function* portionsOf(source: SnapshotSource, classes: boolean): AsyncGenerator<HostColumns> {
  const ask = (from: number) => source.ask('hosts', { from, most: PORTION, classes })
  for (let asked: Promise<HostTable> | undefined = ask(0); asked !== undefined; ) {
    const table: HostTable = await asked
    asked = table.next === undefined ? undefined : ask(table.next)
    // Nobody waits for it when the push ends here.
    asked?.catch(() => {})
    yield table
  }
}
