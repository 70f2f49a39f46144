import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { linkSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { z } from 'zod'
import { SILENT } from '#lib/log/logger.ts'
import { socketClient } from './contract/client.ts'
import { ROUTES } from './contract/routes.ts'
import { serveControlSocket } from './control-socket.ts'
import { fakeControl } from './fake-control.ts'

function directoryFor(t: TestContext): string {
  const directory = mkdtempSync(join(tmpdir(), 'floodwarden-'))
  t.after(() => rmSync(directory, { recursive: true, force: true }))
  return directory
}

const serve = (path: string, control = fakeControl()) =>
  serveControlSocket({ path, control, log: SILENT, retryMs: 60_000 })

test('a client is answered, and the caller is known by the word of the kernel', async t => {
  const path = join(directoryFor(t), 'new', 'control.sock')
  const control = fakeControl()
  const served = serve(path, control)
  await served.tried
  const client = socketClient(path)

  const status = await client.call(ROUTES.status, {})
  const ban = await client.call(ROUTES.ban, { host: '10.99.1.7', reason: 'test' })
  const unban = await client.call(ROUTES.unban, { host: '10.99.1.7' })
  const again = await client.call(ROUTES.unban, { host: '10.99.1.7' })
  const { mode } = statSync(path)
  await served.close()

  assert.equal(status.kind === 'ok' && status.value.pid, 4711)
  assert.equal(ban.kind, 'ok')
  assert.equal(unban.kind, 'ok')
  assert.equal(
    again.kind === 'failed' && again.failure.kind === 'refused' && again.failure.problem.code,
    'not-banned',
  )
  assert.equal(mode & 0o777, 0o660)
  assert.deepEqual(control.callers[0], { uid: process.getuid?.(), pid: process.pid })
  assert.throws(() => statSync(path), /ENOENT/)
})

test('the socket of a dead daemon is replaced, a live one and other files are not', async t => {
  const directory = directoryFor(t)
  const path = join(directory, 'control.sock')
  const file = join(directory, 'file')
  writeFileSync(file, 'precious')
  await leaveDeadSocket(path)

  const first = serve(path)
  await first.tried
  const second = serve(path)
  await second.tried
  const third = serve(file)
  await third.tried
  const states = [first, second, third].map(each => each.problem)
  await Promise.all([second.close(), third.close()])
  const answer = await socketClient(path).call(ROUTES.status, {})
  await first.close()

  assert.deepEqual(states, [
    undefined,
    'another daemon answers on it',
    'there is a file of that name that is no socket',
  ])
  assert.equal(answer.kind, 'ok')
})

/** A socket file nobody listens on: bound by a server, kept under a second name beyond its end. */
async function leaveDeadSocket(path: string): Promise<void> {
  const server = createServer()
  await new Promise<void>(resolve => server.listen(`${path}.a`, resolve))
  linkSync(`${path}.a`, path)
  await new Promise(resolve => server.close(resolve))
}

test('a path that is too long for a socket is said to be', async t => {
  const served = serve(join(directoryFor(t), 'x'.repeat(100), 'control.sock'))
  await served.tried
  const { problem } = served
  await served.close()

  assert.match(problem ?? '', /too long for a socket: at most 103 bytes/)
})

test('a dead socket is replaced at once however long the start keeps everything else waiting', async t => {
  const path = join(directoryFor(t), 'control.sock')
  await leaveDeadSocket(path)

  const served = serve(path)
  // Longer than a living daemon is waited for.
  const end = performance.now() + 1100
  while (performance.now() < end);
  await served.tried
  const { problem } = served
  await served.close()

  assert.equal(problem, undefined)
})

test('a client without a daemon is told so', async t => {
  const path = join(directoryFor(t), 'control.sock')

  const none = await socketClient(path).call(ROUTES.status, {})
  await leaveDeadSocket(path)
  const dead = await socketClient(path).call(ROUTES.status, {})

  assert.equal(none.kind === 'failed' && none.failure.kind, 'absent')
  assert.equal(dead.kind === 'failed' && dead.failure.kind, 'absent')
})

test('a daemon that does not answer in time, or not in our words, is a value too', async t => {
  const path = join(directoryFor(t), 'control.sock')
  const otherVersion = { ...ROUTES.bans, output: z.object({ prefixes: z.array(z.string()) }) }
  const served = serve(path, fakeControl({ status: () => new Promise(() => {}) }))
  await served.tried

  const silent = await socketClient(path, 20).call(ROUTES.status, {})
  const garbled = await socketClient(path).call(otherVersion, {})
  await served.close()

  assert.equal(silent.kind === 'failed' && silent.failure.kind, 'silent')
  assert.equal(garbled.kind === 'failed' && garbled.failure.kind, 'garbled')
})

test('the command line reaches the daemon through the socket and ends as it should', async t => {
  const directory = directoryFor(t)
  const launcher = fileURLToPath(new URL('../../floodwarden', import.meta.url))
  const environment = { ...process.env, CACHE_DIRECTORY: join(directory, 'cache') }
  const floodwarden = (...words: string[]) =>
    new Promise<{ code: unknown; out: string; err: string }>(resolve => {
      const args = [...words, '--state', directory]
      execFile(launcher, args, { env: environment }, (error, out, err) =>
        resolve({ code: error?.code ?? 0, out, err }),
      )
    })
  const control = fakeControl()
  const served = serve(join(directory, 'control.sock'), control)
  await served.tried

  const [status, top, ban] = await Promise.all([
    floodwarden('status', '--json'),
    floodwarden('top'),
    floodwarden('ban', '8.8.8.8'),
  ])
  await served.close()
  const gone = await floodwarden('bans')

  assert.equal(status.code, 0)
  assert.equal(JSON.parse(status.out).pid, 4711)
  assert.equal(top.code, 0)
  assert.match(top.out, /^Floodwarden 0\.1\.0 .*\nIPs ordered by: packets\n/)
  assert.equal(ban.code, 1)
  assert.match(ban.err, /8\.8\.8\.8 is in no network/)
  assert.equal(control.callers[0]?.uid, process.getuid?.())
  assert.equal(gone.code, 1)
  assert.match(gone.err, /no daemon answers/)
})
