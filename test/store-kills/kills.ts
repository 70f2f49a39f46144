// Kills a writing program, or the database under it, at random moments, and looks whether anything is gone that was
// acknowledged.

import assert from 'node:assert/strict'
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { readHeadFile } from '#store/audit-head.ts'
import type { OpenState } from '#store/open-state.ts'
import { openStateDatabase } from '#store/state-database.ts'
import { openStateFile } from '#store/state-file.ts'
import { verifyAudit } from '#store/verify-audit.ts'
import type { PostgresServer } from '../postgres-server.ts'

const WRITER = fileURLToPath(new URL('./writer.ts', import.meta.url))

export interface KillPlan {
  readonly directory: string
  readonly kills: number
  /** Missing: the state is a file. */
  readonly database?: { readonly server: PostgresServer; readonly url: string }
  readonly say?: (line: string) => void
}

/** What writers were told is on disk, over all kills. */
class Acknowledged {
  readonly events = new Set<string>()
  readonly mitigations = new Map<string, number>()
  readonly gone = new Set<string>()
  losses = 0

  hear(line: string): void {
    const [what, id = '', version] = line.split(' ')
    if (what === 'event') this.events.add(id)
    else if (what === 'mitigation') this.mitigations.set(id, Number(version))
    else if (what === 'gone') this.gone.add(id)
    else if (what === 'lost') this.losses++
  }
}

export interface KillResult {
  readonly events: number
  readonly mitigations: number
  readonly auditEntries: number
}

/** Fails when anything acknowledged is missing. Kills alternate between writer and server where there is a server. */
export async function killUnderLoad(plan: KillPlan): Promise<KillResult> {
  const acknowledged = new Acknowledged()
  let result: KillResult | undefined
  for (let kill = 0; kill < plan.kills; kill++) {
    const { writer, closed } = await startWriter(plan, `w${kill}`, acknowledged)
    await sleep(100 + Math.random() * 400)
    if (plan.database !== undefined && kill % 2 === 1) await killServer(plan.database.server, acknowledged)
    assert.equal(writer.exitCode, null, 'the writer lives until it is killed')
    writer.kill('SIGKILL')
    await closed
    result = await compare(plan, acknowledged)
    plan.say?.(
      `kill ${kill + 1}: ${result.events} events, ${result.mitigations} mitigations, ${result.auditEntries} audit entries`,
    )
  }
  assert.ok(result !== undefined)
  return result
}

/** The writer lives on: what it had sent and not heard of comes again when the server is back. */
async function killServer(server: PostgresServer, acknowledged: Acknowledged): Promise<void> {
  await server.kill()
  await server.start()
  const before = acknowledged.events.size
  const deadline = performance.now() + 20_000
  while (acknowledged.events.size < before + 100) {
    assert.ok(performance.now() < deadline, 'the writer goes on when the server is back')
    await sleep(20)
  }
}

interface Started {
  readonly writer: ChildProcess
  /** Settles also when it ended by itself. */
  readonly closed: Promise<unknown>
}

async function startWriter(plan: KillPlan, name: string, acknowledged: Acknowledged): Promise<Started> {
  const url = plan.database?.url
  const words = [plan.directory, name, ...(url === undefined ? [] : [url])]
  const writer = spawn(process.execPath, [WRITER, ...words], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const closed = once(writer, 'close')
  const opened = Promise.withResolvers<void>()
  createInterface({ input: writer.stdout }).on('line', line => {
    if (line === 'open') opened.resolve()
    acknowledged.hear(line)
  })
  writer.on('close', () => opened.reject(new Error('the writer ended by itself')))
  await opened.promise
  opened.promise.catch(() => {})
  return { writer, closed }
}

async function compare(plan: KillPlan, acknowledged: Acknowledged): Promise<KillResult> {
  const { file: state } = await open(plan)
  try {
    const events = new Set(
      (await state.queries.selectFrom('events').select('id').execute()).map(({ id }) => id),
    )
    const missing = [...acknowledged.events].filter(id => !events.has(id))
    assert.deepEqual(missing, [], 'every acknowledged event is kept')
    await compareMitigations(state, acknowledged)
    const back = plan.database === undefined ? 'sqlite' : 'postgres'
    const verdict = await verifyAudit(state.queries, readHeadFile(plan.directory, back))
    assert.ok(verdict.kind === 'intact', JSON.stringify(verdict))
    await compareAudit(state)
    assert.equal(acknowledged.losses, 0, 'no state was taken for a broken one')
    return {
      ...{ events: acknowledged.events.size, mitigations: acknowledged.mitigations.size },
      auditEntries: verdict.entries,
    }
  } finally {
    await state.close()
  }
}

async function compareMitigations({ queries }: OpenState, acknowledged: Acknowledged): Promise<void> {
  const rows = await queries.selectFrom('mitigations').select(['id', 'expires_at as version']).execute()
  const kept = new Map(rows.map(({ id, version }) => [id, version]))
  const behind = [...acknowledged.mitigations].filter(
    ([id, version]) => !mayBeGone(id, acknowledged) && (kept.get(id) ?? 0) < version,
  )
  assert.deepEqual(
    behind,
    [],
    'every acknowledged mitigation is kept, in the state that was acknowledged or a later one',
  )
  assert.deepEqual(
    [...acknowledged.gone].filter(id => kept.has(id)),
    [],
    'what was taken back stays so',
  )
}

/** Each entry of the writers has words of its own. */
async function compareAudit({ queries }: OpenState): Promise<void> {
  const rows = await queries.selectFrom('audit_chain').select(['target', 'body']).execute()
  const told = rows.map(({ target, body }) => `${target} ${JSON.parse(body).reason}`)
  assert.equal(new Set(told).size, told.length, 'no entry stands twice, though it may have been sent twice')
}

/** Each second mitigation of a lane is taken back after its third version, maybe without anybody hearing of it. */
const mayBeGone = (id: string, { mitigations }: Acknowledged): boolean =>
  Number(id.split('-')[2]) % 2 === 1 && mitigations.get(id) === 3

async function open({ directory, database }: KillPlan) {
  const clocks = () => ({ boot: 'test', uptimeSeconds: 1, wallMs: Date.now() })
  if (database === undefined) return await openStateFile({ directory, clocks })
  const deadline = performance.now() + 10_000
  for (;;) {
    try {
      return await openStateDatabase({ directory, clocks, postgres: { url: database.url } })
    } catch (error) {
      // The server notices after a moment that the killed writer is gone.
      if (performance.now() > deadline) throw error
      await sleep(50)
    }
  }
}
