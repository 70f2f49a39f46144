// The real daemon with its state in a real PostgreSQL: there, not there yet, killed, used by another; and backups that go
// from one back end to the other.

import assert from 'node:assert/strict'
import { once } from 'node:events'
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { connect, createServer } from 'node:net'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { isDeepStrictEqual } from 'node:util'
import { ROUTES } from '#api/contract/routes.ts'
import { run } from '../../lab/command.ts'
import { freePort } from '../../lab/free-port.ts'
import { recordingScript } from '../../lab/recording-script.ts'
import { FLOODWARDEN, RunningDaemon } from '../../lab/running-daemon.ts'
import { keptOnDisk } from '../kept-on-disk.ts'
import { mayUseNamespaces } from '../may-go-on.ts'
import { postgresFor } from '../postgres-server.ts'
import { processorSecondsOf } from '../processor-ms.ts'
import { temporaryFolder } from '../temporary-folder.ts'

/** A configuration with its own state directory; `url` is where its database is. */
async function setting(t: TestContext, url?: string) {
  const folder = temporaryFolder(t)
  const script = recordingScript(folder)
  const config = join(folder, 'config.yaml')
  const urlFile = join(folder, 'url')
  writeFileSync(urlFile, `${url}\n`, { mode: 0o600 })
  const store = url === undefined ? '' : `store: { postgres: { urlFile: ${urlFile} } }\n`
  writeFileSync(
    config,
    `networks: [192.0.2.0/24]
capture: { method: off }
mitigation: { armed: true }
enforcement: { notifyScript: { path: ${script.path} } }
${store}`,
  )
  const state = join(folder, 'state')
  const port = await freePort()
  const plan = { state, words: ['--config', config, '--metrics', `127.0.0.1:${port}`] }
  const kept = () => keptOnDisk(port)
  const verb = (...words: string[]) => run([FLOODWARDEN, ...words, '--state', state])
  return { folder, config, state, plan, kept, script, verb }
}

const ban = (daemon: RunningDaemon, host: string, seconds: number) =>
  daemon.call(ROUTES.ban, { host, seconds })

/** A database that is slow to read hands out what it has only after the start. */
async function bansAre(daemon: RunningDaemon, wanted: readonly string[]): Promise<void> {
  const are = async () => isDeepStrictEqual(await bannedBy(daemon), wanted)
  await until(are, 60, `the bans are ${wanted.join(' ')}`)
}

const bannedBy = async (daemon: RunningDaemon) =>
  (await daemon.call(ROUTES.bans, {})).bans.map(({ host }) => host).sort()

const words = ({ calls }: ReturnType<typeof recordingScript>) =>
  calls().map(({ host, action }) => `${action} ${host}`)

async function until(isSo: () => Promise<boolean>, seconds: number, what: string): Promise<void> {
  const deadline = performance.now() + seconds * 1000
  while (!(await isSo())) {
    assert.ok(performance.now() < deadline, what)
    await sleep(50)
  }
}

/** A daemon with 192.0.2.1 banned for `seconds` and 192.0.2.2 until it is let go, both in the database. */
async function withTwoBans(
  { plan, script }: Awaited<ReturnType<typeof setting>>,
  seconds: number,
): Promise<RunningDaemon> {
  const daemon = await RunningDaemon.start(plan)
  await ban(daemon, '192.0.2.1', seconds)
  // Scripts for different hosts run side by side: the second could say first that it was called.
  await script.until(calls => calls.length === 1, 60)
  await ban(daemon, '192.0.2.2', 0)
  await script.until(calls => calls.length === 2, 60)
  await daemon.untilKept(2)
  return daemon
}

test('a second daemon on the same database does not start, and says who has it', {
  timeout: 240_000,
}, async t => {
  const server = await postgresFor(t)
  if (server === undefined) return
  const url = await server.database()
  await using first = await RunningDaemon.start((await setting(t, url)).plan)
  // A slow database is taken up after the start.
  await until(() => first.keepsState(), 20, 'the first daemon has the database')

  await using second = RunningDaemon.launch((await setting(t, url)).plan)
  const { code } = await second.ended()

  assert.equal(code, 1)
  assert.match(second.stderr, /another daemon \(floodwarden on .*, process \d+\) uses this database; stop it/)
  assert.ok(first.isRunning)
})

/** The same database behind a socket that answers only when `opened` has come. */
async function slowWayTo(t: TestContext, url: string, opened: Promise<void>): Promise<string> {
  const asked = new URLSearchParams(url.slice(url.indexOf('?') + 1))
  const name = `.s.PGSQL.${asked.get('port')}`
  const folder = temporaryFolder(t)
  const way = createServer(client => {
    client.on('error', () => client.destroy())
    void opened.then(() => {
      const server = connect(join(asked.get('host') ?? '', name))
      client.pipe(server).pipe(client)
      server.on('error', () => client.destroy())
    })
  }).listen(join(folder, name))
  t.after(() => way.close())
  await once(way, 'listening')
  return url.replace(encodeURIComponent(asked.get('host') ?? ''), encodeURIComponent(folder))
}

test('a second daemon that hears of the first only after its start ends then', {
  timeout: 240_000,
}, async t => {
  const server = await postgresFor(t)
  if (server === undefined) return
  const url = await server.database()
  await using first = await RunningDaemon.start((await setting(t, url)).plan)
  await until(() => first.keepsState(), 20, 'the first daemon has the database')

  const way = Promise.withResolvers<void>()
  const slow = await slowWayTo(t, url, way.promise)
  await using second = await RunningDaemon.start((await setting(t, slow)).plan)
  way.resolve()
  const { code } = await second.ended()

  assert.equal(code, 1)
  assert.match(second.stderr, /another daemon \(floodwarden on .*, process \d+\) uses this database; stop it/)
  assert.ok(first.isRunning)
})

test('a database that is killed stops neither ban nor unban, and everything is in it when it is back', {
  timeout: 240_000,
}, async t => {
  const server = await postgresFor(t)
  if (server === undefined) return
  const made = await setting(t, await server.database())
  const { plan, script, kept } = made
  await using first = await withTwoBans(made, 0)

  await server.kill()
  await ban(first, '192.0.2.3', 0)
  await first.call(ROUTES.unban, { host: '192.0.2.1' })
  await script.until(calls => calls.length === 4, 60)
  await until(async () => !(await first.keepsState()), 60, 'health tells that the database is gone')
  const status = await first.call(ROUTES.status, {})
  assert.ok(
    status.warnings.some(warning => /restart/.test(warning)),
    status.warnings.join('\n'),
  )

  await server.start()
  await until(() => first.keepsState(), 60, 'the daemon connects again by itself')
  await server.kill()
  await until(async () => !(await first.keepsState()), 60, 'also with nothing to write it is noticed')
  await server.start()
  await until(() => first.keepsState(), 60, 'and so is that it is back')
  await kept()
  await first.stop('SIGKILL')
  await using second = await RunningDaemon.start(plan)
  await bansAre(second, ['192.0.2.2', '192.0.2.3'])
  assert.equal((await second.call(ROUTES.verifyAudit, {})).verdict, 'intact')
})

test('without its database a daemon detects within a second, and takes the state up when it comes: what expired first', {
  timeout: 240_000,
}, async t => {
  const server = await postgresFor(t)
  if (server === undefined) return
  const made = await setting(t, await server.database())
  const { plan, script } = made
  await using first = await withTwoBans(made, 10)
  await first.stop('SIGKILL')
  await server.stop()
  await sleep(10_000)

  await using second = await RunningDaemon.start(plan)
  const worked = processorSecondsOf(second.pid)
  await ban(second, '192.0.2.3', 0)
  await script.until(calls => calls.length === 3, 60)
  await bansAre(second, ['192.0.2.3'])
  assert.equal(await second.keepsState(), false)
  await server.start()
  await second.until(line => line.message === 'state restored')

  await script.until(calls => calls.length === 4, 60)
  assert.deepEqual(words(script), [...['ban 192.0.2.1', 'ban 192.0.2.2', 'ban 192.0.2.3'], 'unban 192.0.2.1'])
  await bansAre(second, ['192.0.2.2', '192.0.2.3'])
  assert.ok(worked < 3, `ready after ${worked} s of work`)
  await until(() => second.keepsState(), 60, 'the state is kept again')
})

test('a backup of a running daemon with a file goes into PostgreSQL, and one of that back into a file', {
  timeout: 240_000,
}, async t => {
  const server = await postgresFor(t)
  if (server === undefined) return
  const old = await setting(t)
  await using first = await RunningDaemon.start(old.plan)
  await ban(first, '192.0.2.1', 0)
  await ban(first, '192.0.2.2', 0)
  await first.call(ROUTES.unban, { host: '192.0.2.2' })
  await old.script.until(calls => calls.length === 3, 60)
  const archive = join(old.folder, 'first.gz')

  const saved = await old.verb('backup', archive)
  assert.equal(saved.code, 0, saved.stderr)
  assert.match(saved.stdout, /first\.gz: \d+ rows, \d+ bytes, from the running daemon\n$/)
  assert.equal(statSync(archive).mode & 0o777, 0o600)
  assert.deepEqual(
    readdirSync(old.state).filter(name => name.includes('backup')),
    [],
  )
  const again = await old.verb('backup', archive)
  assert.match(again.stderr, /is there already; name another file/)
  const running = await old.verb('restore', archive)
  assert.equal(running.code, 1)
  assert.match(
    running.stderr,
    /nothing was restored: a daemon \(process \d+\) uses the state in .*: stop it first/,
  )
  await first.stop('SIGKILL')

  const moved = await setting(t, await server.database())
  const config = join(moved.folder, 'config-of-old.yaml')
  const restored = await moved.verb('restore', archive, '--config', moved.config, '--write-config', config)
  assert.equal(restored.code, 0, restored.stderr)
  assert.equal(readFileSync(config, 'utf8'), readFileSync(old.config, 'utf8'))
  await using second = await RunningDaemon.start(moved.plan)
  await bansAre(second, ['192.0.2.1'])
  const { entries } = await second.call(ROUTES.audit, { target: 'state' })
  assert.deepEqual(
    entries.map(({ what }) => what),
    ['restore'],
  )
  const back = join(moved.folder, 'second.gz')
  assert.equal((await moved.verb('backup', back)).code, 0)
  const held = await moved.verb('restore', back, '--config', moved.config)
  assert.match(held.stderr, /stop it first/)
  await second.stop('SIGKILL')

  const home = await setting(t)
  assert.equal((await home.verb('restore', back)).code, 0)
  await using third = await RunningDaemon.start(home.plan)
  await bansAre(third, ['192.0.2.1'])
  const verified = await home.verb('audit', 'verify')
  assert.equal(verified.code, 0, verified.stdout)
  assert.match(verified.stdout, /^intact, \d+ entries from 1 \(.*\) to \d+ \(/)
})

test('without a daemon the state is saved and its audit verified, and one that was tampered with is told', {
  timeout: 240_000,
}, async t => {
  const { plan, verb, state, config, folder } = await setting(t)
  await using daemon = await RunningDaemon.start(plan)
  for (const host of ['192.0.2.1', '192.0.2.2', '192.0.2.3']) await ban(daemon, host, 0)
  const refused = await verb('audit', 'list', '--limit', '1', '--json')
  assert.equal(JSON.parse(refused.stdout).entries.length, 1)
  await daemon.stop()

  const fine = await verb('audit', 'verify', '--config', config)
  assert.equal(fine.code, 0, fine.stderr)
  const archive = join(folder, 'offline.gz')
  const saved = await verb('backup', archive, '--config', config)
  assert.match(saved.stdout, /from the state; no daemon runs/)
  const { DatabaseSync } = await import('node:sqlite')
  const raw = new DatabaseSync(join(state, 'state.db'))
  raw.exec('delete from audit_chain where sequence = 2')
  raw.close()

  const broken = await verb('audit', 'verify')
  assert.equal(broken.code, 1)
  assert.match(broken.stdout, /^broken at entry 2: entry 2 is missing/)
  const nowhere = await run([FLOODWARDEN, 'backup', join(folder, 'x.gz'), '--state', join(folder, 'none')])
  assert.match(nowhere.stderr, /there is no state in .*none; name its place with --state/)
  assert.ok(!existsSync(join(folder, 'x.gz')) && !existsSync(join(folder, 'none')))
})

test('what a user without rights owns stays his when root restores into it', {
  timeout: 240_000,
}, async t => {
  if (!mayUseNamespaces(t)) return
  const { verb, plan, kept, folder, state } = await setting(t)
  mkdirSync(state)
  const { chownSync } = await import('node:fs')
  await using daemon = await RunningDaemon.start(plan)
  await ban(daemon, '192.0.2.1', 0)
  await kept()
  assert.equal((await verb('backup', join(folder, 'a.gz'))).code, 0)
  await daemon.stop()
  chownSync(state, 65_534, 65_534)

  assert.equal((await verb('restore', join(folder, 'a.gz'))).code, 0)

  for (const name of ['state.db', 'lock', 'audit-head-sqlite.json'])
    assert.equal(statSync(join(state, name)).uid, 65_534, name)
})
