// Events per second that the API takes to the end: dedupe, inventory, policy, guardrails, a mitigation in the dry run or a
// longer one, and on the disk (synchronous=FULL, or synchronous_commit=on) before it is answered. On SQLite and PostgreSQL.

import { type ChildProcess, spawn } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { assert } from '#lib/assert.ts'
import { freePort } from '../lab/free-port.ts'
import { PostgresServer } from '../test/postgres-server.ts'
import { type EventLoad, type EventResult, WARM } from './event-client.ts'
import { LAUNCHER } from './floodwarden.ts'
import { atMost, type Gate, printGates } from './gate.ts'
import { benchOptions } from './options.ts'
import { processorNanos, residentMegabytes } from './process-usage.ts'
import { printTable } from './table.ts'

const { quick } = benchOptions()
const SECONDS = quick ? 3 : 20
const WARM_SECONDS = quick ? 1 : 5
const GATE_PER_SECOND = 5000
const GATE_P99_MS = 10
/** What prefixd publishes, for an event that never reaches its policy. */
const PREFIXD_PER_SECOND = 4700
const TOKEN_VARIABLE = 'FLOODWARDEN_BENCH_TOKEN'
const TOKEN = randomUUID()
/** More than can come. */
const UNLIMITED = { perSecond: 1_000_000, burst: 1_000_000 }
const CAPS = { activeMax: 1_000_000, newPerMinute: 100_000 }
const CLIENT = new URL('./event-client.ts', import.meta.url).pathname

const configOf = (port: number, telemetryPort: number, store: object): object => ({
  networks: ['10.0.0.0/8'],
  telemetry: { listen: [`127.0.0.1:${telemetryPort}`] },
  api: {
    listen: `127.0.0.1:${port}`,
    access: { bearerTokenEnv: TOKEN_VARIABLE, perIdentity: UNLIMITED },
  },
  metrics: { listen: 'off' },
  inventory: { customers: [{ id: 'c1', prefixes: ['10.0.0.0/8'] }] },
  policy: {
    ...{ bansMax: 100_000, bansPerMinute: 100_000 },
    quotas: { rulesMax: 100_000, global: CAPS, customer: CAPS, pop: CAPS },
  },
  playbooks: [
    {
      name: 'udp',
      match: { vectors: ['udp_flood'] },
      steps: [
        {
          name: 'limit',
          actions: [{ kind: 'rate-limit', bitsPerSecond: 5_000_000, enforcer: 'gobgp' }],
          ttlSeconds: 120,
        },
      ],
    },
  ],
  // Never asked: it is not armed.
  enforcement: { gobgp: { address: '127.0.0.1:9' } },
  log: { format: 'json', level: 'info' },
  store,
})

interface Served {
  readonly pid: number
  readonly port: number
  stop(): Promise<void>
}

async function serve(store: object): Promise<Served> {
  const folder = mkdtempSync(join(tmpdir(), 'floodwarden-bench-'))
  const port = await freePort()
  const file = join(folder, 'floodwarden.yaml')
  writeFileSync(file, JSON.stringify(configOf(port, await freePort(), store), undefined, 2))
  const words = ['run', '--config', file, '--state', join(folder, 'state'), '--log-file', join(folder, 'log')]
  const env = { ...process.env, [TOKEN_VARIABLE]: TOKEN }
  const child = spawn(LAUNCHER, words, { stdio: ['ignore', 'inherit', 'inherit'], env })
  await isHealthy(child, port)
  assert(child.pid !== undefined, 'a process that answers has a number')
  return {
    ...{ pid: child.pid, port },
    async stop() {
      child.kill('SIGTERM')
      await once(child, 'exit')
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

async function isHealthy(child: ChildProcess, port: number): Promise<void> {
  const deadline = performance.now() + 30_000
  while (performance.now() < deadline && child.exitCode === null) {
    const answer = await fetch(`http://127.0.0.1:${port}/api/v1/health`, {
      headers: { authorization: `Bearer ${TOKEN}` },
    }).catch(() => undefined)
    if (answer?.ok === true) return
    await new Promise(resolve => setTimeout(resolve, 50))
  }
  child.kill('SIGKILL')
  throw new Error('floodwarden does not answer')
}

interface Measured extends EventResult {
  readonly backEnd: string
  readonly load: string
  /** Processors that the daemon kept busy. */
  readonly cores: number
  readonly megabytes: number
}

const LOADS = [
  { name: `${GATE_PER_SECOND}/s offered`, rate: GATE_PER_SECOND, connections: 64 },
  { name: 'as many as it takes, 64 connections', rate: 0, connections: 64 },
  { name: 'as many as it takes, 256 connections', rate: 0, connections: 256 },
]

/** `newStore` gives a state with nothing in it. */
async function measure(backEnd: string, newStore: () => Promise<object>): Promise<Measured[]> {
  const measured: Measured[] = []
  for (const { name, rate, connections } of LOADS) {
    const served = await serve(await newStore())
    let before = Number.NaN
    const lasts = { warmSeconds: WARM_SECONDS, seconds: SECONDS }
    const load = { port: served.port, token: TOKEN, rate, connections, opensEach: 10, ...lasts }
    const result = await sendFrom(load, () => {
      before = processorNanos(served.pid)
    })
    const cores = (processorNanos(served.pid) - before) / 1e9 / result.seconds
    const { now: megabytes } = residentMegabytes(served.pid)
    await served.stop()
    assert(isAllTaken(result), `each is taken: ${JSON.stringify(result.statuses)}`)
    measured.push({ ...result, backEnd, load: name, cores, megabytes })
  }
  return measured
}

/** The client reports hosts in 10.0.0.0/8 and expects each to be taken. */
const isAllTaken = ({ sent, statuses }: EventResult): boolean => sent > 0 && statuses['202'] === sent

/** `measures` is called when client and server are warm. */
async function sendFrom(load: EventLoad, measures: () => void): Promise<EventResult> {
  const stdio = ['ignore', 'pipe', 'inherit'] as const
  const client = spawn(process.execPath, [CLIENT, JSON.stringify(load)], { stdio: [...stdio] })
  let result: EventResult | undefined
  for await (const line of createInterface({ input: client.stdout })) {
    if (line === WARM) measures()
    else result = JSON.parse(line) as EventResult
  }
  assert(result !== undefined, 'the client says what it measured')
  return result
}

const rows = [...(await measure('SQLite', async () => ({})))]
const postgres = await PostgresServer.begin()
if (postgres === undefined) console.log('PostgreSQL is not installed: left out')
else {
  try {
    const folder = mkdtempSync(join(tmpdir(), 'floodwarden-bench-'))
    const urlFile = join(folder, 'url')
    const newStore = async () => {
      writeFileSync(urlFile, await postgres.database(), { mode: 0o600 })
      return { postgres: { urlFile } }
    }
    rows.push(...(await measure('PostgreSQL', newStore)))
    rmSync(folder, { recursive: true })
  } finally {
    await postgres.remove()
  }
}
printTable(
  `Events of foreign detectors by HTTP, one in ten opens a mitigation, ${SECONDS} s each`,
  [
    'back end',
    'load',
    'events/s',
    'median ms',
    'p99 ms',
    'worst ms',
    'cores',
    'client cores',
    'MB',
    'of prefixd',
  ],
  rows.map(row => [
    ...[row.backEnd, row.load, Math.round(row.perSecond), row.medianMs, row.p99Ms, row.worstMs, row.cores],
    ...[row.processorSeconds / row.seconds, Math.round(row.megabytes), row.perSecond / PREFIXD_PER_SECOND],
  ]),
)
printGates(rows.flatMap(gatesOf))

function gatesOf({ backEnd, load, perSecond, p99Ms }: Measured): Gate[] {
  if (!load.includes('offered')) return []
  return [
    { ...atMost(`${backEnd}, p99 at ${load}`, p99Ms, GATE_P99_MS, 'ms') },
    {
      what: `${backEnd}, ${load} are taken`,
      measured: `${Math.round(perSecond)}/s`,
      isMet: perSecond >= GATE_PER_SECOND * 0.99,
    },
  ]
}
