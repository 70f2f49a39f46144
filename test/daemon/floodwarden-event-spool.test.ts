// What bin/floodwarden-event could not deliver is kept, and sent by the next call in its order.

import assert from 'node:assert/strict'
import { chmodSync, mkdirSync, readdirSync, renameSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { mayRunProgram } from '../may-run-programs.ts'
import { Installation, RecordingServer, shellsOf } from './event-script.ts'

const CURL = '/usr/bin/curl'
const UNREACHABLE = { FLOODWARDEN_API: 'http://127.0.0.1:1', FLOODWARDEN_RETRIES: '0' }
const QUICK = { FLOODWARDEN_RETRIES: '0', UNBAN_QUERY_RETRIES: '0' }
const words = (host: string, action = 'ban', pps = '5') => [host, 'incoming', pps, action]

async function prepared(t: TestContext) {
  const server = await new RecordingServer().start(t)
  return { server, installation: new Installation(t, server.api) }
}

/** What the server was asked, short: method, the victim of a ban, the end of a path. */
const asked = (server: RecordingServer): string[] =>
  server.requests.map(({ method, path, text, query }) => {
    if (method === 'GET') return `live ${query['victim_ip']}`
    if (path !== '/v1/events') return 'withdraw'
    const { victim_ip, pps } = JSON.parse(text) as { victim_ip: string; pps: number }
    return `ban ${victim_ip} ${pps}`
  })

test('events that nobody took are spooled, and the next call sends them first, in order, under every shell', async t => {
  if (!mayRunProgram(t, CURL)) return
  const { server, installation } = await prepared(t)
  const id = 'e3b0c442-98fc-8c14-9afb-f4c8996fb924'
  server.live = [{ mitigation_id: id, victim_ip: '192.0.2.1' }]

  for (const shell of shellsOf(t)) {
    server.requests.length = 0
    const calls = [words('192.0.2.1'), words('192.0.2.2'), words('192.0.2.1', 'unban')]
    for (const call of calls) {
      const { code, stderr } = await installation.call(call, { report: 'udp', shell, env: UNREACHABLE })
      assert.equal(code, 4, stderr)
      assert.match(stderr, /Failed to connect[\s\S]*spooled as \S+\.event: the next call sends it/)
    }
    assert.equal(installation.spooled().length, 3)
    assert.deepEqual(installation.leftovers(), [])

    const { code } = await installation.call(words('192.0.2.1', 'ban', '6'), { report: 'udp', shell })

    assert.equal(code, 0)
    assert.deepEqual(asked(server), [
      'ban 192.0.2.1 5',
      'ban 192.0.2.2 5',
      'live 192.0.2.1',
      'withdraw',
      'ban 192.0.2.1 6',
    ])
    assert.deepEqual(readdirSync(installation.spool), [])
  }
})

test('an event that fails holds up those of its host alone; a refused one holds up nobody', async t => {
  if (!mayRunProgram(t, CURL)) return
  const { server, installation } = await prepared(t)
  for (const host of ['192.0.2.1', '192.0.2.2', '192.0.2.3'])
    await installation.call(words(host), { report: '', env: UNREACHABLE })
  server.answer = ({ text }) => {
    if (text.includes('"192.0.2.1"')) return { status: 503 }
    return text.includes('"192.0.2.2"') ? { status: 422 } : undefined
  }

  const other = await installation.call(words('192.0.2.4'), { report: '', env: QUICK })
  const own = await installation.call(words('192.0.2.1', 'unban'), { env: QUICK })

  assert.deepEqual([other.code, own.code], [0, 4])
  const all = ['ban 192.0.2.1 5', 'ban 192.0.2.2 5', 'ban 192.0.2.3 5', 'ban 192.0.2.4 5', 'ban 192.0.2.1 5']
  assert.deepEqual(asked(server), all)
  assert.equal(installation.spooled().length, 2)
})

test('--resend sends what is spooled, and says by its status whether something is left', async t => {
  if (!mayRunProgram(t, CURL)) return
  const { server, installation } = await prepared(t)
  await installation.call(words('192.0.2.1'), { report: '', env: UNREACHABLE })

  const left = await installation.call(['--resend'], { env: UNREACHABLE })
  const done = await installation.call(['--resend'])
  const nothing = await installation.call(['--resend'])

  assert.deepEqual([left.code, done.code, nothing.code], [4, 0, 0])
  assert.deepEqual(asked(server), ['ban 192.0.2.1 5'])
})

test('what waited too long is dropped and said, not announced a day late', async t => {
  if (!mayRunProgram(t, CURL)) return
  const { server, installation } = await prepared(t)
  await installation.call(words('192.0.2.1'), { report: '', env: UNREACHABLE })
  const [name = ''] = installation.spooled()
  const hourAgo = Math.floor(Date.now() / 1000) - 3700
  renameSync(join(installation.spool, name), join(installation.spool, name.replace(/^\d+/, String(hourAgo))))

  const { code, stderr } = await installation.call(['--resend'])

  assert.equal(code, 0)
  assert.match(stderr, /ban 192\.0\.2\.1 \(incoming\) waited longer than 3600 s and is dropped/)
  assert.deepEqual(server.requests, [])
})

test('while another call sends, hosts without spooled events are reported at once; a lock of the dead is taken over', async t => {
  if (!mayRunProgram(t, CURL)) return
  const { server, installation } = await prepared(t)
  await installation.call(words('192.0.2.1'), { report: '', env: UNREACHABLE })
  const lock = join(installation.spool, 'lock')
  const env = { FLOODWARDEN_TOTAL_SECONDS: '2' }
  symlinkSync(String(Math.floor(Date.now() / 1000) + 60), lock)

  const other = await installation.call(words('192.0.2.2'), { report: '' })
  const own = await installation.call(words('192.0.2.1', 'ban', '6'), { report: '', env })

  assert.deepEqual([other.code, own.code], [0, 4])
  assert.deepEqual(asked(server), ['ban 192.0.2.2 5'])
  renameSync(lock, join(installation.folder, 'environment'))
  symlinkSync(String(Math.floor(Date.now() / 1000) - 60), lock)
  assert.equal((await installation.call(['--resend'])).code, 0)
  assert.deepEqual(asked(server).slice(1), ['ban 192.0.2.1 5', 'ban 192.0.2.1 6'])
})

test('a call that is ended from outside keeps its event', async t => {
  if (!mayRunProgram(t, CURL)) return
  const { server, installation } = await prepared(t)
  const { promise: endWhen, resolve: heard } = Promise.withResolvers<void>()
  server.answer = () => {
    heard()
    return { status: 503 }
  }
  const env = { FLOODWARDEN_RETRIES: '99', FLOODWARDEN_RETRY_DELAY_SECONDS: '0.3' }

  const { code, log } = await installation.call(words('192.0.2.1'), { report: '', env, endWhen })

  assert.equal(code, 4)
  assert.match(log, /ended by a signal/)
  assert.equal(installation.spooled().length, 1)
  assert.deepEqual(installation.leftovers(), [])
})

test('a spool that others can write to is not used, nor one that is full, and the loss is said', async t => {
  if (!mayRunProgram(t, CURL)) return
  const { installation } = await prepared(t)
  mkdirSync(installation.spool)
  chmodSync(installation.spool, 0o777)

  const shared = await installation.call(words('192.0.2.1'), { report: '', env: UNREACHABLE })
  chmodSync(installation.spool, 0o700)
  const now = Math.floor(Date.now() / 1000)
  for (let at = 0; at < 1000; at++)
    writeFileSync(join(installation.spool, `${now}.${at}.event`), 'ban 192.0.2.9 incoming x\n"pps":0}\n')
  const full = await installation.call(words('192.0.2.1'), { report: '', env: UNREACHABLE })

  assert.deepEqual([shared.code, full.code], [1, 1])
  assert.match(
    shared.stderr,
    /others may write in .*: it is not used[\s\S]*there is no spool: the event is lost/,
  )
  assert.match(full.stderr, /the spool holds 1000 events: this one is lost/)
})
