// Attacks in a real Alertmanager: they fire, are grouped and silenced by their labels, and end.

import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { SILENT } from '#lib/log/logger.ts'
import { allowanceOf, safeFetch } from '#lib/safe-fetch.ts'
import { AlertmanagerMirror } from '#notify/alertmanager/mirror.ts'
import type { Notice } from '#notify/notice/notice.ts'
import { notice } from '#notify/notice/notices-for-tests.ts'
import { wordsFor } from '#notify/notice/words.ts'
import { freePort } from '../../lab/free-port.ts'
import { mayRunProgram } from '../may-run-programs.ts'
import { temporaryFolder } from '../temporary-folder.ts'
import { until } from '../until.ts'

const PROGRAM = '/usr/bin/prometheus-alertmanager'
/** Longer than it takes to escalate an attack and to end it: both alerts are then resolved in one message. */
const GROUP_INTERVAL = '8s'

interface Told {
  readonly status: string
  readonly alerts: readonly { readonly status: string; readonly labels: Record<string, string> }[]
}

/** An Alertmanager, and who is told by it. */
async function alertmanager(t: TestContext) {
  const folder = temporaryFolder(t)
  const told: Told[] = []
  const receiver = createServer(async (request, response) => {
    told.push(JSON.parse(Buffer.concat(await Array.fromAsync(request)).toString()))
    response.end()
  }).listen(0, '127.0.0.1')
  await once(receiver, 'listening')
  t.after(() => receiver.close())
  const address = receiver.address()
  const hook = `http://127.0.0.1:${typeof address === 'object' ? address?.port : 0}/`
  const route = { receiver: 'us', group_by: ['attack'], group_wait: '0s', group_interval: GROUP_INTERVAL }
  const config = { route, receivers: [{ name: 'us', webhook_configs: [{ url: hook, send_resolved: true }] }] }
  writeFileSync(join(folder, 'am.yml'), JSON.stringify(config))
  const port = await freePort()
  const daemon = spawn(
    PROGRAM,
    [
      ...[`--config.file=${folder}/am.yml`, `--storage.path=${folder}/data`],
      ...[`--web.listen-address=127.0.0.1:${port}`, '--cluster.listen-address='],
    ],
    { stdio: 'ignore' },
  )
  t.after(async () => {
    daemon.kill('SIGKILL')
    if (daemon.exitCode === null && daemon.signalCode === null) await once(daemon, 'close')
  })
  const url = `http://127.0.0.1:${port}`
  const isReady = () =>
    fetch(`${url}/-/ready`)
      .then(({ ok }) => ok)
      .catch(() => false)
  await until(isReady, 'Alertmanager')
  return { url, told }
}

const asked = async (url: string) =>
  (await (await fetch(`${url}/api/v2/alerts`)).json()) as {
    labels: Record<string, string>
    annotations: Record<string, string>
    endsAt: string
    generatorURL: string
  }[]

test('an attack fires with its labels, becomes severe, and is resolved', async t => {
  if (!mayRunProgram(t, PROGRAM)) return
  const { url, told } = await alertmanager(t)
  const rules = { allowance: allowanceOf(['127.0.0.1'], true), timeoutMs: 5000, answerBytesMax: 65_536 }
  const mirror = new AlertmanagerMirror(
    { url: `${url}/`, headers: {} },
    {
      ...{ id: 'am', name: 'am', log: SILENT, now: Date.now, count: () => {}, everyMs: 300, words: wordsFor },
      fetch: request => safeFetch(request, rules),
      link: () => 'https://guard.example.net/attacks/a-1',
    },
  )
  t.after(() => mirror.stop())
  const now = (kind: Notice['kind'], severity: Notice['severity']): Notice => {
    const at = Date.now()
    return { ...notice(kind), at, openedAt: at - 1000, severity }
  }

  assert.deepEqual(await mirror.test({ form: 'notice', notice: { ...now('test', 'low'), group: 'n-1' } }), {
    kind: 'taken',
  })
  mirror.tell({ form: 'notice', notice: now('opened', 'medium') })
  await until(() => mirror.status().waiting === 0 && mirror.status().sent > 0)
  const [fired] = (await asked(url)).filter(({ labels }) => labels['alertname'] === 'FloodwardenAttack')
  // It is told again and again, so it does not end by itself.
  const before = mirror.status().sent
  await until(() => mirror.status().sent >= before + 4)
  mirror.tell({ form: 'notice', notice: now('escalated', 'critical') })
  await until(async () => (await asked(url)).some(({ labels }) => labels['severity'] === 'critical'))
  mirror.tell({ form: 'notice', notice: now('ended', 'critical') })
  await until(() => told.some(({ status, alerts }) => status === 'resolved' && alerts.length === 2))

  assert.deepEqual(fired?.labels, {
    ...{ alertname: 'FloodwardenAttack', attack: 'g-a-1', severity: 'medium', customer: 'acme' },
    ...{ network: '192.0.2.0/24', direction: 'incoming' },
  })
  assert.match(fired?.annotations['summary'] ?? '', /^Attack on 192\.0\.2\.1/)
  assert.equal(fired?.annotations['targets'], '192.0.2.1')
  assert.equal(fired?.generatorURL, 'https://guard.example.net/attacks/a-1')
  const attack = told.filter(({ alerts }) => alerts[0]?.labels['attack'] === 'g-a-1')
  assert.equal(attack[0]?.status, 'firing')
  assert.equal(attack.at(-1)?.status, 'resolved')
  assert.equal(mirror.status().waiting, 0)
})
