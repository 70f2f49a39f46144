// FastNetMon's notify script for a MITIGATOR, by a link as operators lay one: processes of their own, over TLS, against a server
// that answers as the specification of its API has it.

import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { fakeMitigator, USER } from '#8-enforcement/mitigator/server-for-tests.ts'
import { run } from '../../lab/command.ts'
import { authorityFor } from '../certificates.ts'
import { temporaryFolder } from '../temporary-folder.ts'

const SCRIPT = join(import.meta.dirname, '../../bin/floodwarden-mitigator')
const REPORT = 'IP: 203.0.113.10\nAttack type: icmp_flood\nAttack protocol: icmp\n'

test('processes of two victims share a policy, and one that is killed leaves nothing on', async t => {
  const authority = authorityFor(t)
  if (authority === undefined) return
  const { certificate, key } = authority.sign('mitigator', 'IP:127.0.0.1')
  const fake = await fakeMitigator(t, {
    key: readFileSync(key, 'utf8'),
    cert: readFileSync(certificate, 'utf8'),
  })
  const folder = temporaryFolder(t)
  const [link, password, settings] = [
    join(folder, 'notify'),
    join(folder, 'password'),
    join(folder, 'settings'),
  ]
  symlinkSync(SCRIPT, link)
  writeFileSync(password, `${USER.password}\n`, { mode: 0o600 })
  writeFileSync(
    settings,
    [
      `FLOODWARDEN_MITIGATOR_SERVER=${fake.url}`,
      `FLOODWARDEN_MITIGATOR_USER=${USER.username}`,
      `FLOODWARDEN_MITIGATOR_PASSWORD_FILE=${password}`,
      `FLOODWARDEN_MITIGATOR_CA_FILE=${authority.certificate}`,
      `FLOODWARDEN_MITIGATOR_FOLDER=${join(folder, 'held')}`,
      `FLOODWARDEN_MITIGATOR_LOG=${join(folder, 'log')}`,
      'FLOODWARDEN_MITIGATOR_LOOKUP=off',
    ].join('\n'),
  )
  const environment = { ...process.env, FLOODWARDEN_ENVIRONMENT_FILE: settings }
  const call = (words: string, input = '') =>
    run(['env', `FLOODWARDEN_ENVIRONMENT_FILE=${settings}`, link, ...words.split(' ')], { input })
  const areOn = () => fake.isOn('toggle/switch?policy=1') && fake.isOn('acl/switch?policy=1')
  const isNothingOn = () => !fake.isOn('toggle/switch?policy=1') && !fake.isOn('acl/switch?policy=1')

  const bans = await Promise.all(
    ['203.0.113.10', '203.0.113.11'].map(ip => call(`${ip} incoming 30000 ban`, REPORT)),
  )
  const afterBans = areOn()
  await call('203.0.113.10 incoming 0 unban')
  const afterOneEnd = areOn()
  fake.delayMs = 300
  const heard = fake.heard.length
  const killed = spawn(link, ['203.0.113.11', 'incoming', '0', 'unban'], {
    env: environment,
    stdio: 'ignore',
  })
  while (fake.heard.length === heard) await sleep(10)
  killed.kill('SIGKILL')
  await once(killed, 'exit')
  fake.delayMs = 0
  const afterKill = areOn()
  const resent = await call('--resend')

  assert.deepEqual(
    bans.map(({ code }) => code),
    [0, 0],
    bans.map(({ stderr }) => stderr).join(''),
  )
  assert.deepEqual([afterBans, afterOneEnd, afterKill, resent.code], [true, true, true, 0])
  assert.ok(isNothingOn())
})
