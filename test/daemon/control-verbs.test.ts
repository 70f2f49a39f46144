// The verbs that ask a running daemon, as typed: words and exit codes for people, JSON for programs.

import assert from 'node:assert/strict'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import type { z } from 'zod'
import { attacksSchema } from '#api/contract/attack.ts'
import { auditSchema } from '#api/contract/audit.ts'
import { banSchema, bansSchema } from '#api/contract/ban.ts'
import { statusSchema } from '#api/contract/status.ts'
import { trafficSchema } from '#api/contract/traffic.ts'
import { run } from '../../lab/command.ts'
import { type RecordingScript, recordingScript } from '../../lab/recording-script.ts'
import { FLOODWARDEN, RunningDaemon } from '../../lab/running-daemon.ts'
import { until } from '../until.ts'

const folder = mkdtempSync(join(tmpdir(), 'floodwarden-verbs-'))
let daemon: RunningDaemon
let script: RecordingScript

/** Hears notices. */
const heard: Record<string, string>[] = []
const hook = createServer(async (request, response) => {
  heard.push(JSON.parse(Buffer.concat(await Array.fromAsync(request)).toString()))
  response.end()
})

before(async () => {
  script = recordingScript(folder)
  hook.listen(0, '127.0.0.1')
  await once(hook, 'listening')
  const address = hook.address()
  const port = typeof address === 'object' ? address?.port : 0
  writeFileSync(join(folder, 'hook'), `http://127.0.0.1:${port}/qqSECRETqq\n`)
  writeFileSync(
    join(folder, 'config.yaml'),
    `networks: [192.0.2.0/24, 2001:db8::/32]
whitelist: [192.0.2.53]
capture: { method: off }
metrics: { listen: off }
mitigation: { armed: true }
outgoing: { allow: [127.0.0.1], plainHttp: true }
notify:
  grouping: { waitSeconds: 0 }
  destinations: { hook: { type: generic, url: { file: ${join(folder, 'hook')} } } }
enforcement: { notifyScript: { path: ${script.path} } }
`,
  )
  daemon = await RunningDaemon.start({
    state: join(folder, 'state'),
    words: ['--config', join(folder, 'config.yaml')],
  })
})

after(async () => {
  await daemon[Symbol.asyncDispose]()
  hook.close()
  rmSync(folder, { recursive: true })
})

async function facts<Schema extends z.ZodType>(
  schema: Schema,
  ...words: string[]
): Promise<z.output<Schema>> {
  const { code, stdout, stderr } = await daemon.ask([...words, '--json'])
  assert.equal(code, 0, stderr)
  return schema.parse(JSON.parse(stdout))
}

test('status says what the daemon is, in words and as facts', async () => {
  const { code, stdout } = await daemon.ask(['status'])
  const status = await facts(statusSchema, 'status')

  assert.equal(code, 0)
  assert.match(stdout, new RegExp(`^Floodwarden 0\\.1\\.0, up .*, process ${daemon.pid}\n`))
  assert.match(stdout, /^mode +budget, armed$/m)
  assert.match(stdout, /^networks +2$/m)
  assert.equal(status.pid, daemon.pid)
  assert.equal(status.armed, true)
  assert.deepEqual(status.capture, [])
})

test('a ban by hand calls the script, is listed, and is taken back by hand', async () => {
  const banned = await daemon.ask(['ban', '2001:DB8:0::1', '--seconds', '600', '--reason', 'ticket 4711'])
  const listed = await daemon.ask(['bans'])
  const { bans } = await facts(bansSchema, 'bans')
  const screen = await daemon.ask(['top', '--once'])
  const unbanned = await daemon.ask(['unban', '2001:db8::1'])
  const calls = await script.until(({ length }) => length >= 2, 60)

  assert.equal(banned.code, 0)
  assert.match(banned.stdout, /^2001:db8::1 is banned until \d{4}-/)
  assert.match(listed.stdout, /^2001:db8::1 .* an operator asked for it$/m)
  assert.deepEqual(
    bans.map(({ host, origin, direction }) => [host, origin, direction]),
    [['2001:db8::1', 'manual', 'other']],
  )
  assert.match(screen.stdout, /^Ban list:\n2001:db8::1\/0 pps other at /m)
  assert.deepEqual([unbanned.code, unbanned.stdout], [0, '2001:db8::1 is no longer banned.\n'])
  assert.deepEqual(
    calls.map(({ argv }) => argv),
    [
      ['2001:db8::1', 'other', '0', 'ban'],
      ['2001:db8::1', 'other', '0', 'unban'],
    ],
  )
  assert.match(calls[0]?.stdin ?? '', /^IP: 2001:db8::1\n[\s\S]*manually triggered attack$/)
  assert.deepEqual([calls[1]?.stdin, calls[1]?.stdinIs], ['', '/dev/null'])
})

test('a ban by hand and its end are told to a destination; message-test says whether it can be reached', async () => {
  const tested = await daemon.ask(['message-test', 'hook'])
  const unknown = await daemon.ask(['message-test', 'nobody'])
  heard.length = 0
  await daemon.ask(['ban', '192.0.2.77', '--reason', 'ticket 4712'])
  await until(() => heard.length === 1)
  await daemon.ask(['unban', '192.0.2.77'])
  await until(() => heard.length === 2)
  const list = await daemon.ask(['notifications'])
  const preview = await daemon.ask(['message-test', 'hook', '--preview', 'ended', '--json'])

  assert.match(tested.stdout, /^hook {2}generic {2}taken {2}\d+ ms$/m)
  assert.deepEqual([tested.code, unknown.code], [0, 1])
  assert.deepEqual(
    heard.map(({ kind, around, group }) => [kind, around, group === heard[0]?.['group']]),
    [
      ['opened', '192.0.2.77', true],
      ['ended', '192.0.2.77', true],
    ],
  )
  assert.match(list.stdout, /^hook +generic +ok +0 +\d+ +0 /m)
  assert.doesNotMatch([list.stdout, preview.stdout, JSON.stringify(daemon.log)].join(), /qqSECRET/)
})

test('a ban comes back as facts, and the attack of it is known', async () => {
  const ban = await facts(banSchema, 'ban', '192.0.2.9')
  const { attacks } = await facts(attacksSchema, 'attacks')
  const told = await daemon.ask(['attacks'])
  await daemon.ask(['unban', '192.0.2.9'])

  assert.equal(ban.host, '192.0.2.9')
  assert.equal(attacks[0]?.id, ban.attackId)
  assert.deepEqual([attacks[0]?.state, attacks[0]?.origin], ['open', 'manual'])
  assert.match(told.stdout, new RegExp(`^${ban.attackId}  192\\.0\\.2\\.9  `, 'm'))
})

test('what may not be banned is refused with the reason, and the audit knows who asked', async () => {
  const outside = await daemon.ask(['ban', '198.51.100.1'])
  const whitelisted = await daemon.ask(['ban', '192.0.2.53'])
  const unknown = await daemon.ask(['unban', '192.0.2.77'])
  const { entries } = await facts(auditSchema, 'audit')
  const told = await daemon.ask(['audit', '--limit', '2'])

  assert.deepEqual([outside.code, whitelisted.code, unknown.code], [1, 1, 1])
  assert.match(outside.stderr, /198\.51\.100\.1\/32 is in none of our 2 networks/)
  assert.match(whitelisted.stderr, /touches the whitelisted prefix 192\.0\.2\.53\/32/)
  assert.match(unknown.stderr, /192\.0\.2\.77 is under no ban/)
  const refused = entries.filter(({ outcome }) => outcome === 'refused')
  assert.deepEqual(
    refused.map(({ who, what, target }) => [who, what, target]),
    [
      [`uid:${process.getuid?.()}`, 'decide', '192.0.2.77'],
      [`uid:${process.getuid?.()}`, 'decide', '192.0.2.53'],
      [`uid:${process.getuid?.()}`, 'decide', '198.51.100.1'],
    ],
  )
  assert.equal(told.stdout.trimEnd().split('\n').length, 3)
})

test('what is no address is wrong usage', async () => {
  const { code, stderr } = await daemon.ask(['ban', '192.0.2.0/24'])

  assert.equal(code, 2)
  assert.match(stderr, /without a prefix length/)
})

test('the screen once, in words and as facts', async () => {
  const { code, stdout } = await daemon.ask(['top', '--once', '--sort', 'bytes', '--limit', '3'])
  const traffic = await facts(trafficSchema, 'top')

  assert.equal(code, 0)
  assert.match(
    stdout,
    /^Floodwarden 0\.1\.0 +no interface +budget mode +armed +\d{4}-.*\nIPs ordered by: bytes\n/,
  )
  assert.match(stdout, /^Incoming traffic +0 pps +0 mbps +0 flows$/m)
  assert.match(stdout, /^Packets dropped: +0 \(0 %\)$/m)
  assert.deepEqual([traffic.packetsReceived, traffic.incoming.hosts], [0, []])
})

test('without a daemon the verbs say how to start one, with exit code 1', async () => {
  const { code, stderr } = await run([FLOODWARDEN, 'status', '--state', join(folder, 'nowhere')])

  assert.equal(code, 1)
  assert.match(stderr, /^floodwarden: .*no daemon.*floodwarden run/is)
})
