// 500 clients of the live feed in a process of their own: traffic each second and attacks that come and go. What it costs
// the daemon's process, and how late a message is at most.

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { setTimeout as sleep } from 'node:timers/promises'
import { EXAMPLE_ATTACK } from '#api/contract/examples.ts'
import { fakeControl } from '#api/fake-control.ts'
import { LiveClients } from '#api/live/live-clients.ts'
import { LiveFeed } from '#api/live/live-feed.ts'
import { buildApi } from '#api/server.ts'
import { assert } from '#lib/assert.ts'
import { SILENT } from '#lib/log/logger.ts'
import { atMost, printGates } from './gate.ts'
import type { LiveLoad, LiveResult } from './live-client.ts'
import { benchOptions } from './options.ts'
import { processorNanos, residentMegabytes } from './process-usage.ts'
import { printTable } from './table.ts'

const { quick } = benchOptions()
const CLIENTS = 500
const SECONDS = quick ? 3 : 20
const WORST_MS = 1000
const CLIENT = new URL('./live-client.ts', import.meta.url).pathname
const SPEED = { packets: 1_234_567, bits: 9_876_543_210 }

const rows = []
for (const changesPerSecond of [0, 10, 50]) {
  rows.push({ changesPerSecond, ...(await measure(changesPerSecond)) })
}
printTable(
  `${CLIENTS} clients of the live feed, traffic once a second, and attacks that open, change or end`,
  [
    'changes a second',
    'clients at the end',
    'messages',
    'ms (half)',
    'ms (p99)',
    'ms (worst)',
    'resyncs',
    'core',
    'MB',
  ],
  rows.map(row => [
    ...[row.changesPerSecond, row.clients, row.messages, row.medianMs, row.p99Ms, row.worstMs, row.resyncs],
    ...[row.core, row.megabytes],
  ]),
)
printGates(
  rows.flatMap(({ changesPerSecond, core, worstMs }) => [
    atMost(`share of a core with ${changesPerSecond} changes a second`, core, 1, 'cores'),
    atMost(`the latest message with ${changesPerSecond} changes a second`, worstMs, WORST_MS, 'ms'),
  ]),
)

async function measure(changesPerSecond: number) {
  const feed = new LiveFeed()
  const live = new LiveClients({ feed, sees: () => true })
  const limits = { bodyBytesMax: 1 << 20, connectionsMax: CLIENTS + 10, requestSeconds: 10 }
  const server = buildApi({
    ...{ control: fakeControl(), log: SILENT, limits, resources: { live } },
    callerOf: () => ({ uid: undefined, pid: undefined }),
  })
  await server.listen({ host: '127.0.0.1', port: 0 })
  const address = server.server.address()
  assert(typeof address === 'object' && address !== null, 'it listens on a port')
  const load: LiveLoad = { port: address.port, clients: CLIENTS }
  const client = spawn(process.execPath, [CLIENT, JSON.stringify(load)], {
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  const lines = createInterface({ input: client.stdout })[Symbol.asyncIterator]()
  assert((await lines.next()).value === 'ready', 'the clients are connected')
  const before = processorNanos(process.pid)
  const began = performance.now()
  await tellAll(feed, changesPerSecond)
  const core = (processorNanos(process.pid) - before) / 1e6 / (performance.now() - began)
  const { now: megabytes } = residentMegabytes(process.pid)
  const ended = once(client, 'exit')
  client.stdin.end()
  const result = JSON.parse((await lines.next()).value ?? '{}') as LiveResult
  await ended
  await server.close()
  return { ...result, core, megabytes }
}

/** Traffic as each second begins, changes of attacks between. */
async function tellAll(feed: LiveFeed, changesPerSecond: number): Promise<void> {
  const kinds = ['attack-opened', 'attack-updated', 'attack-ended'] as const
  const turns = Math.max(1, changesPerSecond)
  for (let turn = 0; turn < SECONDS * turns; turn++) {
    if (turn % turns === 0) {
      const at = new Date().toISOString()
      const sides = { incoming: SPEED, outgoing: SPEED, internal: SPEED, other: SPEED }
      feed.tell({ topic: 'traffic', kind: 'traffic', targets: [] }, () => ({
        ...{ kind: 'traffic', at, ...sides, openAttacks: 1 },
      }))
    }
    const kind = kinds[turn % kinds.length] ?? 'attack-updated'
    if (changesPerSecond > 0)
      feed.tell({ topic: 'attacks', kind, targets: EXAMPLE_ATTACK.prefixes }, () => ({
        ...{ kind, attack: EXAMPLE_ATTACK },
      }))
    await sleep(1000 / turns)
  }
}
