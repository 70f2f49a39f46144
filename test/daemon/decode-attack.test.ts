// FastNetMon's notify script that makes rules, by a link as operators lay one, against a daemon that runs: by DDPS's API and by
// its own.

import assert from 'node:assert/strict'
import { symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { ROUTES } from '#api/contract/routes.ts'
import { run } from '../../lab/command.ts'
import { freePort } from '../../lab/free-port.ts'
import { RunningDaemon } from '../../lab/running-daemon.ts'
import { temporaryFolder } from '../temporary-folder.ts'

const SCRIPT = join(import.meta.dirname, '../../bin/floodwarden-decode-attack')
const PASSWORD = 'correct horse battery'

const reportOn = (host: string): string =>
  `IP: ${host}\nAttack type: syn_flood\nAttack direction: incoming\nAttack protocol: tcp\n\n\n${[1, 2, 3, 4]
    .map(
      at =>
        `2026-11-20 10:11:49.883883 198.51.100.${at}:${30_000 + at} > ${host}:443 protocol: tcp flags: syn frag: 0  packets: 1 size: 60 bytes ttl: 64 sample ratio: 1  \n`,
    )
    .join('')}`

test('rules of reports reach a daemon by both of its APIs, and are taken back at unban', async t => {
  const folder = temporaryFolder(t)
  const port = await freePort()
  const file = (name: string, text: string): string => {
    const path = join(folder, name)
    writeFileSync(path, text, { mode: 0o600 })
    return path
  }
  const config = file(
    'config.yaml',
    `networks: [10.0.0.0/24]
capture: { method: off }
metrics: { listen: off }
compatibility: { ddpsApi: { listen: '127.0.0.1:${port}' } }
`,
  )
  const credentials = file('credentials', `username=ann\npassword=${PASSWORD}\n`)
  const link = join(folder, 'notify')
  symlinkSync(SCRIPT, link)
  await using daemon = await RunningDaemon.start({
    state: join(folder, 'state'),
    words: ['--config', config],
  })
  await daemon.call(ROUTES.addUser, { name: 'ann', role: 'operator', password: PASSWORD })
  const call = async (to: 'ddps' | 'native', host: string, action: string) => {
    const environment = file(
      `${to}.env`,
      [
        `FLOODWARDEN_DECODE_TO=${to}`,
        `FLOODWARDEN_DDPS_API=http://127.0.0.1:${port}`,
        `FLOODWARDEN_DDPS_CREDENTIALS_FILE=${credentials}`,
        `FLOODWARDEN_DECODE_FOLDER=${join(folder, to)}`,
        `FLOODWARDEN_DECODE_LOG=${join(folder, `${to}.log`)}`,
        'FLOODWARDEN_DECODE_UNBAN=withdraw',
      ].join('\n'),
    )
    const words = [
      `FLOODWARDEN_ENVIRONMENT_FILE=${environment}`,
      `FLOODWARDEN_STATE=${join(folder, 'state')}`,
    ]
    const argv = ['env', ...words, link, '-v', host, 'incoming', '30000', action]
    const { code, stderr } = await run(argv, { input: action === 'unban' ? '' : reportOn(host) })
    assert.equal(code, 0, stderr)
    assert.doesNotMatch(stderr, new RegExp(PASSWORD))
  }
  const live = async () => {
    const { rules } = await daemon.call(ROUTES.rules, { state: 'live' })
    return rules.map(({ rule, via }) => `${via}: ${rule}`).sort()
  }

  await Promise.all([
    call('ddps', '10.0.0.5', 'attack_details'),
    call('native', '10.0.0.6', 'attack_details'),
  ])
  const during = await live()
  await Promise.all([call('ddps', '10.0.0.5', 'unban'), call('native', '10.0.0.6', 'unban')])

  const match = 'protocol =tcp destination-port =443 tcp-flags =syn packet-length =60 then discard'
  assert.deepEqual(during, [
    `api: destination 10.0.0.6/32 ${match}`,
    `ddps: destination 10.0.0.5/32 ${match}`,
  ])
  assert.deepEqual(await live(), [])
})
