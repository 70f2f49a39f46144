// Notices of a daemon that is killed: what waited for its destination is told by the next one, once and in order, and what nobody
// had taken is still there to be sent again.

import assert from 'node:assert/strict'
import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { ROUTES } from '#api/contract/routes.ts'
import { freePort } from '../../lab/free-port.ts'
import { RunningDaemon } from '../../lab/running-daemon.ts'
import { keptOnDisk } from '../kept-on-disk.ts'
import { temporaryFolder } from '../temporary-folder.ts'
import { until } from '../until.ts'

/** `logs` has nobody behind its port at first; `hook` has an address that is none, so all it is told becomes dead letters. */
const settings = (logs: number, metrics: number): string => `networks: [192.0.2.0/24]
capture: { method: off }
metrics: { listen: '127.0.0.1:${metrics}' }
notify:
  grouping: { waitSeconds: 0, joinSeconds: 0 }
  destinations:
    logs: { type: syslog, server: '127.0.0.1:${logs}', transport: tcp }
    hook: { type: generic, url: { env: PATH }, events: [opened] }
`

/** What a syslog server is told: kind of the notice, its target and its identifier. */
async function syslogServer(t: TestContext, port: number): Promise<string[]> {
  const heard: string[] = []
  const server = createServer(async socket => {
    const text = Buffer.concat(await Array.fromAsync(socket)).toString()
    const [, kind = '', id = ''] = / (\w+) \[floodwarden@32473 id="([^"]+)"/.exec(text) ?? []
    heard.push([kind, /target="([^"]*)"/.exec(text)?.[1], id].join(' '))
  }).listen(port, '127.0.0.1')
  await once(server, 'listening')
  t.after(() => server.close())
  return heard
}

test('what waits for a destination outlives kill -9, and so do dead letters', {
  timeout: 240_000,
}, async t => {
  const folder = temporaryFolder(t)
  const [logs, metrics] = [await freePort(), await freePort()]
  const config = join(folder, 'config.yaml')
  writeFileSync(config, settings(logs, metrics))
  const plan = { state: join(folder, 'state'), words: ['--config', config] }
  const waiting = async (daemon: RunningDaemon) => {
    const { destinations } = await daemon.call(ROUTES.notifications, {})
    return destinations.find(({ id }) => id === 'logs')?.waiting
  }
  await using killed = await RunningDaemon.start(plan)
  for (const host of ['192.0.2.1', '192.0.2.2']) await killed.call(ROUTES.ban, { host })
  await until(async () => (await waiting(killed)) === 2)
  await killed.call(ROUTES.unban, { host: '192.0.2.1' })
  await until(async () => (await waiting(killed)) === 3)
  const before = await killed.call(ROUTES.deadLetters, {})
  await keptOnDisk(metrics)
  await killed.stop('SIGKILL')

  const heard = await syslogServer(t, logs)
  await using next = await RunningDaemon.start(plan)
  await until(() => heard.length === 3, '3 notices')
  await until(async () => (await waiting(next)) === 0)
  const after = await next.call(ROUTES.deadLetters, {})
  await next.call(ROUTES.unban, { host: '192.0.2.2' })
  await until(() => heard.length === 4, 'the end')

  assert.deepEqual(
    heard.map(line => line.split(' ').slice(0, 2).join(' ')),
    ['opened 192.0.2.1', 'opened 192.0.2.2', 'ended 192.0.2.1', 'ended 192.0.2.2'],
  )
  assert.equal(new Set(heard).size, 4)
  assert.equal(before.total, 2)
  assert.deepEqual(after.deadLetters, before.deadLetters)
})
