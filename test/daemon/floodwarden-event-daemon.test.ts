// bin/floodwarden-event against the real daemon: reported, extended, taken back, refused, and spooled while it is away.

import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { z } from 'zod'
import { freePort } from '../../lab/free-port.ts'
import { RunningDaemon } from '../../lab/running-daemon.ts'
import { mayRunProgram } from '../may-run-programs.ts'
import { temporaryFolder } from '../temporary-folder.ts'
import { Installation } from './event-script.ts'
import { reportText } from './report-texts.ts'

const TOKEN = 'a-shared-token-of-this-test'
const UDP = reportText({ type: 'udp_flood', protocol: 'udp', speeds: { udp: 27_421 } })
/** The address as FastNetMon pads it, and the 0.0.0.0 that stands in its report. */
const SIX = '2001:0db8:0099::0001'
const UDP6 = reportText({ host: '0.0.0.0', type: 'udp_flood', protocol: 'udp', speeds: { udp: 21_972 } })

const CONFIG = `networks: [203.0.113.0/24, '2001:db8:99::/48']
capture: { method: off }
metrics: { listen: off }
inventory: { customers: [{ id: c1, prefixes: [203.0.113.0/24, '2001:db8:99::/48'] }] }
enforcement: { gobgp: { address: 127.0.0.1:1 } }
playbooks:
  - name: udp
    match: { vectors: [udp_flood] }
    steps: [{ name: limit, actions: [{ kind: rate-limit, bitsPerSecond: 5000000, enforcer: gobgp }], ttlSeconds: 60 }]
`

const listed = z.object({ mitigations: z.array(z.object({ status: z.string(), reason: z.string() })) })

async function setUp(t: TestContext) {
  const folder = temporaryFolder(t)
  const port = await freePort()
  const [config, token] = [join(folder, 'config.yaml'), join(folder, 'token')]
  const access = `{ mode: bearer, bearerTokenFile: ${token} }`
  writeFileSync(config, `${CONFIG}api: { listen: '127.0.0.1:${port}', access: ${access} }\n`)
  writeFileSync(token, TOKEN, { mode: 0o600 })
  const api = `http://127.0.0.1:${port}`
  const headers = { authorization: `Bearer ${TOKEN}` }
  const mitigationsOf = async (ip: string) => {
    const answer = await fetch(`${api}/v1/mitigations?victim_ip=${encodeURIComponent(ip)}`, { headers })
    return listed.parse(await answer.json()).mitigations
  }
  const start = () => RunningDaemon.start({ state: join(folder, 'state'), words: ['--config', config] })
  const env = { FLOODWARDEN_TOKEN_FILE: token, FLOODWARDEN_RETRIES: '0', UNBAN_QUERY_RETRIES: '0' }
  return { start, mitigationsOf, installation: new Installation(t, api), env }
}

test('a FastNetMon that calls the script has its bans carried out and taken back', async t => {
  if (!mayRunProgram(t, '/usr/bin/curl')) return
  const { start, mitigationsOf, installation, env } = await setUp(t)
  const call = async (ip: string, action: string, report = '', more: Record<string, string> = {}) =>
    (await installation.call([ip, 'incoming', '27421', action], { report, env: { ...env, ...more } })).code

  const before = await start()
  try {
    const codes = [
      await call('203.0.113.10', 'ban', UDP),
      await call('203.0.113.10', 'attack_details', UDP),
      await call(SIX, 'ban', UDP6),
      await call('203.0.113.11', 'ban', UDP, { FLOODWARDEN_TOKEN: 'wrong' }),
    ]
    assert.deepEqual(codes, [0, 0, 0, 3], installation.logged())
    const live = [await mitigationsOf('203.0.113.10'), await mitigationsOf(SIX)].flat()
    assert.deepEqual(
      live.map(({ status }) => status),
      ['active', 'active'],
    )

    assert.deepEqual([await call('203.0.113.10', 'unban'), await call(SIX, 'unban')], [0, 0])
    const over = [await mitigationsOf('203.0.113.10'), await mitigationsOf(SIX)].flat()
    assert.deepEqual(
      over.map(({ status, reason }) => `${status}, ${reason.replace(/ for .*/, '')}`),
      ['withdrawn, fastnetmon: FastNetMon unban', 'withdrawn, fastnetmon: FastNetMon unban'],
    )
  } finally {
    await before.stop()
  }

  assert.equal(await call('203.0.113.12', 'ban', UDP), 4)
  await using _after = await start()
  assert.equal((await installation.call(['--resend'], { env })).code, 0, installation.logged())
  assert.deepEqual(
    (await mitigationsOf('203.0.113.12')).map(({ status }) => status),
    ['active'],
  )
})
