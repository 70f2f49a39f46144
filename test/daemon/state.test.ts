// What a restart must not lose, with the real daemon: killed, stopped, upgraded onto a full disk.

import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { ROUTES } from '#api/contract/routes.ts'
import { freePort } from '../../lab/free-port.ts'
import { type RecordingScript, recordingScript } from '../../lab/recording-script.ts'
import { RunningDaemon } from '../../lab/running-daemon.ts'
import { keptOnDisk } from '../kept-on-disk.ts'
import { mayUseNamespaces } from '../may-go-on.ts'
import { Metrics } from '../metrics-endpoint.ts'
import { temporaryFolder } from '../temporary-folder.ts'
import { until } from '../until.ts'

interface Setting {
  readonly plan: { readonly state: string; readonly words: readonly string[] }
  /** Of its metrics. */
  readonly port: number
  readonly script: RecordingScript
}

async function setting(t: TestContext, more = ''): Promise<Setting> {
  const folder = temporaryFolder(t)
  const script = recordingScript(folder)
  const config = join(folder, 'config.yaml')
  writeFileSync(
    config,
    `networks: [192.0.2.0/24]
capture: { method: off }
policy: { bansPerMinute: 1000 }
mitigation: { armed: true${more} }
enforcement: { notifyScript: { path: ${script.path} } }
`,
  )
  const port = await freePort()
  const words = ['--config', config, '--metrics', `127.0.0.1:${port}`]
  return { plan: { state: join(folder, 'state'), words }, port, script }
}

const words = (script: RecordingScript) => script.calls().map(({ host, action }) => `${action} ${host}`)

const ban = (daemon: RunningDaemon, host: string, seconds: number) =>
  daemon.call(ROUTES.ban, { host, seconds })

const bannedBy = async (daemon: RunningDaemon) =>
  (await daemon.call(ROUTES.bans, {})).bans.map(({ host }) => host).sort()

test('after kill -9 nothing is announced twice, what expired is taken back at once, and the rest at its time', {
  timeout: 240_000,
}, async t => {
  const { plan, script } = await setting(t)
  await using first = await RunningDaemon.start(plan)
  const began = performance.now()
  // One after the other: calls about different hosts run beside each other and may overtake.
  for (const [at, seconds] of [4, 15, 0].entries()) {
    await ban(first, `192.0.2.${at + 1}`, seconds)
    await script.until(calls => calls.length === at + 1, 60)
  }
  await first.untilKept(3)
  await first.stop('SIGKILL')
  await sleep(Math.max(0, began + 4200 - performance.now()))

  await using second = await RunningDaemon.start(plan)
  const restored = await second.until(line => line.message === 'state restored')
  assert.deepEqual([restored['bans'], restored['ended']], [2, 1])
  await script.until(calls => calls.length === 4, 60)
  assert.deepEqual(await bannedBy(second), ['192.0.2.2', '192.0.2.3'])
  await script.until(calls => calls.length === 5, 60)
  const seconds = (performance.now() - began) / 1000

  assert.deepEqual(words(script), [
    ...['ban 192.0.2.1', 'ban 192.0.2.2', 'ban 192.0.2.3'],
    ...['unban 192.0.2.1', 'unban 192.0.2.2'],
  ])
  assert.ok(seconds > 14.5 && seconds < 30, `the ban of 15 s ended after ${seconds} s`)
  await second.call(ROUTES.unban, { host: '192.0.2.3' })
  await script.until(calls => calls.length === 6, 60)
  const { entries } = await second.call(ROUTES.audit, {})
  assert.ok(entries.some(({ what, target }) => what === 'announce' && target === '192.0.2.1'))
})

test('a stop leaves bans in place and the next start goes on with them', { timeout: 240_000 }, async t => {
  const { plan, script } = await setting(t)
  await using first = await RunningDaemon.start(plan)
  await ban(first, '192.0.2.1', 0)
  await script.until(calls => calls.length === 1, 60)
  assert.equal((await first.stop()).code, 0)

  await using second = await RunningDaemon.start(plan)
  await second.until(({ message }) => message === 'state restored')
  assert.deepEqual(await bannedBy(second), ['192.0.2.1'])
  await sleep(300)

  assert.deepEqual(words(script), ['ban 192.0.2.1'])
})

test('with onStop: withdraw a stop takes everything back', { timeout: 240_000 }, async t => {
  const { plan, script } = await setting(t, ', onStop: withdraw')
  await using first = await RunningDaemon.start(plan)
  await ban(first, '192.0.2.1', 0)
  await ban(first, '192.0.2.2', 600)
  await script.until(calls => calls.length === 2, 60)

  const { code, seconds } = await first.stop()

  assert.equal(code, 0)
  assert.ok(seconds < 5, `${seconds} s`)
  assert.deepEqual(words(script).slice(2).sort(), ['unban 192.0.2.1', 'unban 192.0.2.2'])
  await using second = await RunningDaemon.start(plan)
  await second.until(({ message }) => message === 'state restored')
  assert.deepEqual(await bannedBy(second), [])
})

test('a full disk stops neither ban nor unban, and what waited is written when there is room', {
  timeout: 240_000,
}, async t => {
  if (!mayUseNamespaces(t)) return
  // Hooks run in the order in which they were told: the folder goes after what is mounted in it.
  let unmount = () => {}
  t.after(() => unmount())
  const { plan, script, port } = await setting(t)
  mkdirSync(plan.state)
  execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=1m', 'floodwarden-test', plan.state])
  unmount = () => execFileSync('umount', ['-l', plan.state])
  await using first = await RunningDaemon.start(plan)
  const waiting = async () => {
    const text = await (await fetch(`http://127.0.0.1:${port}/metrics`)).text()
    return new Metrics(text).value('floodwarden_store_changes_waiting')
  }
  await ban(first, '192.0.2.200', 0)
  const filler = join(plan.state, 'filler')
  assert.throws(() => writeFileSync(filler, Buffer.alloc(2 << 20)), /ENOSPC/)

  const hosts = Array.from({ length: 60 }, (_, at) => `192.0.2.${at + 1}`)
  for (const host of hosts) await ban(first, host, 0)
  await first.until(
    line => line.message === 'bans are held, but not kept on disk: a restart would forget them',
  )
  for (const host of hosts.slice(0, 10)) await first.call(ROUTES.unban, { host })
  const calls = await script.until(so => so.length === 71, 60)
  assert.equal(calls.filter(({ action }) => action === 'unban').length, 10)
  const health = () => first.call(ROUTES.health, {})
  const detail = async () => (await health()).checks.find(({ name }) => name === 'state')?.detail ?? ''
  await until(async () => /full/.test(await detail()), 'health tells that the disk is full')
  assert.equal((await health()).ok, false)
  assert.ok((await waiting()) > 0)

  rmSync(filler)
  await first.until(line => line.message === 'bans are kept on disk again')
  await keptOnDisk(port)
  await first.stop('SIGKILL')
  await using second = await RunningDaemon.start(plan)
  await second.until(({ message }) => message === 'state restored')
  assert.equal((await bannedBy(second)).length, 51)
  assert.equal(script.calls().length, 71)
})
