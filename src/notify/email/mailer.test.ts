// Mails against a real SMTP server: taken, greylisted, refused, joined, and kept over the end of the process.

import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { exampleAttack, exampleFlows, examplePackets } from '#5-evidence/example.ts'
import { SILENT } from '#lib/log/logger.ts'
import { mayRunProgram } from '../../../test/may-run-programs.ts'
import { temporaryFolder } from '../../../test/temporary-folder.ts'
import { until } from '../../../test/until.ts'
import type { Told } from './compose.ts'
import { type EmailConfig, emailSchema } from './config.ts'
import { headerOf, mailServer, unfolded } from './mail-server-for-tests.ts'
import { Mailer } from './mailer.ts'

const OPEN = { authOptional: true, disabledCommands: ['STARTTLS', 'AUTH'] }
const STYLE = { recordCount: 5, addressForm: 'canonical', localTime: String } as const

const told = (id: string, changes: Partial<Told> = {}): Told => ({
  attack: exampleAttack({ id, peak: 50_000 }),
  verdict: 'blocked',
  decision: 'the notify script is called',
  flows: exampleFlows(1),
  packets: examplePackets(3),
  ...changes,
})

async function mailerTo(
  t: TestContext,
  port: number,
  directory: string,
  changes: Partial<EmailConfig> = {},
  now = Date.now,
) {
  const config = emailSchema.parse({
    server: `127.0.0.1:${port}`,
    tls: 'off',
    from: 'guard@example.net',
    to: ['noc@example.net'],
    ...changes,
  })
  const mailer = new Mailer({
    config,
    directory,
    style: STYLE,
    log: SILENT,
    now,
    tryAgainMs: 30,
    minuteMs: 300,
  })
  await mailer.start()
  t.after(() => mailer.stop(100))
  return mailer
}

const counted = (mailer: Mailer) =>
  [...mailer.metrics()]
    .filter(({ value }) => value > 0)
    .map(({ name, labels, value }) =>
      [name.slice('floodwarden_mails_'.length), ...Object.values(labels ?? {}), value].join(' '),
    )

const kept = (directory: string) => readdirSync(directory).filter(name => name.endsWith('.json'))

test('an attack is one mail when it opens and one with its packets, threaded, and nothing stays behind', async t => {
  const server = await mailServer(t, OPEN)
  const directory = join(temporaryFolder(t), 'mail')
  const mailer = await mailerTo(t, server.port, directory)

  mailer.tell('opened', told('a-1'))
  mailer.tell('details', told('a-1'))
  mailer.tell('ended', told('a-1'))
  await until(() => server.taken.length === 2 && kept(directory).length === 0)

  const [opened = '', details = ''] = server.taken.map(unfolded)
  assert.equal(
    headerOf(opened, 'Subject'),
    'Floodwarden: IP 192.0.2.1 blocked because incoming attack with power 40000 pps, 64 mbps',
  )
  assert.equal(
    headerOf(details, 'Subject'),
    'Floodwarden: IP 192.0.2.1 attack details, incoming, peak 50000 pps',
  )
  assert.equal(headerOf(opened, 'Message-ID'), '<a-1.opened@example.net>')
  assert.equal(headerOf(details, 'In-Reply-To'), '<a-1.opened@example.net>')
  assert.match(
    opened,
    /Peak attack power: 50000[\s\S]*Attack direction: incoming[\s\S]*Total incoming traffic: 64 mbps/,
  )
  assert.equal(details.match(/protocol: udp frag: 0/g)?.length, 3)
})

test('a dry run says so in subject and text', async t => {
  const server = await mailServer(t, OPEN)
  const mailer = await mailerTo(t, server.port, join(temporaryFolder(t), 'mail'))

  mailer.tell('opened', told('a-1', { verdict: 'would be blocked' }))
  await until(() => server.taken.length === 1)

  assert.match(
    headerOf(server.taken[0] ?? '', 'Subject') ?? '',
    /\(dry run\): IP 192\.0\.2\.1 would be blocked/,
  )
  assert.match(server.taken[0] ?? '', /This is a dry run: nothing was done/)
})

test('greylisting and a server that is away delay a mail, a refusal for ever ends it', async t => {
  let tries = 0
  const server = await mailServer(t, {
    ...OPEN,
    onRcptTo({ address }, _session, hear) {
      tries++
      if (address.startsWith('nobody')) hear(Object.assign(new Error('no such user'), { responseCode: 550 }))
      else if (tries < 3) hear(Object.assign(new Error('come again'), { responseCode: 451 }))
      else hear()
    },
  })
  const folder = temporaryFolder(t)
  const grey = await mailerTo(t, server.port, join(folder, 'grey'))

  grey.tell('opened', told('a-1'))
  await until(() => server.taken.length === 1 && kept(join(folder, 'grey')).length === 0)
  assert.deepEqual(counted(grey), ['taken_total 1', 'tried_again_total 2'])

  const never = await mailerTo(t, server.port, join(folder, 'never'), { to: ['nobody@example.net'] })
  never.tell('opened', told('a-2'))
  await until(() => !counted(never).includes('waiting 1'))
  assert.deepEqual(counted(never), ['lost_total refused 1'])
})

test('mails outlive the process that made them, and keep their Message-ID', async t => {
  const directory = join(temporaryFolder(t), 'mail')
  const dead = await mailerTo(t, 1, directory)
  dead.tell('opened', told('a-1'))
  await until(() => counted(dead).some(line => line.startsWith('tried_again')))
  await dead.stop(100)
  assert.equal(kept(directory).length, 1)
  writeFileSync(join(directory, '1234567890123-broken.json'), '{')
  writeFileSync(join(directory, '1234567890123-half.json.tmp'), '{')

  const server = await mailServer(t, OPEN)
  const mailer = await mailerTo(t, server.port, directory, { waitingHours: 720 }, () => 1_234_567_890_999)
  await until(() => server.taken.length === 1)
  await until(() => kept(directory).length === 0)

  assert.equal(headerOf(server.taken[0] ?? '', 'Message-ID'), '<a-1.opened@example.net>')
  assert.ok(counted(mailer).includes('lost_total unreadable 1'))
  assert.deepEqual(readdirSync(directory), [])
})

test('a thousand bans are three mails and a summary', async t => {
  const server = await mailServer(t, OPEN)
  const directory = join(temporaryFolder(t), 'mail')
  const clock = { now: Date.now() }
  const mailer = await mailerTo(t, server.port, directory, { perMinute: 3 }, () => clock.now)

  for (let at = 0; at < 1000; at++) {
    mailer.tell('opened', told(`a-${at}`))
    mailer.tell('details', told(`a-${at}`))
  }
  clock.now += 1000
  await until(() => server.taken.length === 4 && kept(directory).length === 0)

  const summary = server.taken.find(message => message.includes('were joined')) ?? ''
  assert.equal(headerOf(summary, 'Subject'), 'Floodwarden: 1997 more messages about attacks')
  assert.match(summary, /and 997 more/)
  assert.deepEqual(counted(mailer), ['taken_total 4', 'joined_total 1997'])
})

test('beyond the bound the oldest mails are dropped, and those too old', async t => {
  const directory = join(temporaryFolder(t), 'mail')
  let now = Date.now()
  const mailer = await mailerTo(
    t,
    1,
    directory,
    { waitingMax: 3, perMinute: 100, waitingHours: 1 },
    () => now++,
  )
  for (let at = 0; at < 10; at++) mailer.tell('opened', told(`a-${at}`))
  await until(() => kept(directory).length === 3)
  assert.ok(kept(directory).some(name => name.includes('a-9')))
  assert.ok(counted(mailer).includes('lost_total dropped 7'))

  now += 2 * 3_600_000
  await until(() => kept(directory).length === 0)
  assert.ok(counted(mailer).includes('lost_total dropped 10'))
})

test('a disk that refuses costs durability and no mail', async t => {
  const server = await mailServer(t, OPEN)
  const folder = temporaryFolder(t)
  writeFileSync(join(folder, 'file'), '')
  const mailer = await mailerTo(t, server.port, join(folder, 'file', 'mail'))

  mailer.tell('opened', told('a-1'))
  await until(() => server.taken.length === 1 && !counted(mailer).includes('waiting 1'))

  assert.deepEqual(counted(mailer), ['taken_total 1', 'unsaved_total 1'])
})

test('STARTTLS and a login with the password of a file; without encryption nothing is said', async t => {
  if (!mayRunProgram(t, '/usr/bin/openssl')) return
  const folder = temporaryFolder(t)
  const [key, cert, passwordFile] = ['key', 'cert', 'password'].map(name => join(folder, name)) as [
    string,
    string,
    string,
  ]
  const subject = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=IP:127.0.0.1']
  const request = [
    'req',
    '-x509',
    '-newkey',
    'ec',
    '-pkeyopt',
    'ec_paramgen_curve:P-256',
    '-nodes',
    '-days',
    '1',
  ]
  execFileSync('openssl', [...request, '-keyout', key, '-out', cert, ...subject], { stdio: 'ignore' })
  writeFileSync(passwordFile, 'hunter2\n')
  const logins: string[] = []
  const server = await mailServer(t, {
    key: readFileSync(key),
    cert: readFileSync(cert),
    onAuth({ username, password }, session, hear) {
      logins.push(`${username} ${password} ${session.secure}`)
      hear(null, { user: username })
    },
  })
  const login = { tls: 'starttls', caFile: cert, user: 'guard', passwordFile } as const
  mkdirSync(join(folder, 'mail'))
  const mailer = await mailerTo(t, server.port, join(folder, 'mail'), login)

  mailer.tell('opened', told('a-1'))
  await until(() => server.taken.length === 1)
  assert.deepEqual(logins, ['guard hunter2 true'])

  const open = await mailServer(t, { authOptional: true, disabledCommands: ['STARTTLS'] })
  const stripped = await mailerTo(t, open.port, join(folder, 'stripped'), login)
  stripped.tell('opened', told('a-2'))
  await until(() => counted(stripped).some(line => line.startsWith('tried_again')))
  const strange = await mailerTo(t, server.port, join(folder, 'strange'), { ...login, caFile: undefined })
  strange.tell('opened', told('a-3'))
  await until(() => counted(strange).some(line => line.startsWith('tried_again')))

  assert.equal(open.taken.length + server.taken.length, 1)
  assert.equal(logins.length, 1)
})
