// Files and mails of attacks when their settings change while some of them wait.

import assert from 'node:assert/strict'
import { existsSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import type { SMTPServerOptions } from 'smtp-server'
import { exampleAttack, exampleFlows } from '#5-evidence/example.ts'
import type { Decision } from '#6-policy/decide.ts'
import { SILENT } from '#lib/log/logger.ts'
import { MetricRegistry } from '#lib/metrics/registry.ts'
import { headerOf, mailServer } from '#notify/email/mail-server-for-tests.ts'
import { temporaryFolder } from '../../test/temporary-folder.ts'
import { until } from '../../test/until.ts'
import { AttackPapers } from './attack-papers.ts'
import { configWith } from './engine-for-tests.ts'

const OPEN: SMTPServerOptions = { authOptional: true, disabledCommands: ['STARTTLS', 'AUTH'] }
const DECISION: Decision = { kind: 'act', actions: [], reasons: [] }

const mailTo = (port: number, to = 'noc@example.net') =>
  configWith({
    notify: { email: { server: `127.0.0.1:${port}`, tls: 'off', from: 'guard@example.net', to: [to] } },
  })

const filesTo = (directory: string, filesMax = 100) =>
  configWith({ evidence: { files: { directory, filesMax } } })

async function papersBy(t: TestContext, config: ReturnType<typeof configWith>, stateDirectory: string) {
  const papers = new AttackPapers({ config, stateDirectory, log: SILENT })
  const registry = new MetricRegistry()
  papers.addMetrics(registry)
  await papers.start()
  t.after(() => papers.stop(100))
  const counted = (name: string) =>
    registry
      .read()
      .filter(({ declaration }) => declaration.name === `floodwarden_${name}`)
      .flatMap(({ values }) => values.map(({ value }) => value))
  let opened = 0
  const open = () => papers.opened(attackOf(++opened), DECISION, exampleFlows(1))
  return { papers, counted, open }
}

/** Each of another host, so that each has a file of its own. */
const attackOf = (number: number) => exampleAttack({ id: `a-${number}`, host: `192.0.2.${number}` })

const mailsIn = (state: string) => readdirSync(join(state, 'mail')).filter(name => name.endsWith('.json'))
const idsOf = (messages: readonly string[]) => messages.map(message => headerOf(message, 'Message-ID'))

test('mails that wait for a server that is away go to the new one, and none twice', async t => {
  const state = temporaryFolder(t)
  const { papers, open, counted } = await papersBy(t, mailTo(1), state)
  open()
  await until(() => mailsIn(state).length === 1 && counted('mails_tried_again_total')[0] === 1)
  const server = await mailServer(t, OPEN)

  papers.reconfigure(mailTo(server.port))
  open()
  await until(() => server.taken.length === 2 && mailsIn(state).length === 0)

  assert.deepEqual(idsOf(server.taken).toSorted(), ['<a-1.opened@example.net>', '<a-2.opened@example.net>'])
  assert.deepEqual(counted('mails_tried_again_total'), [1])
  assert.deepEqual(counted('mails_taken_total'), [2])
})

test('a mail that is on its way arrives once, however often the recipients change meanwhile', async t => {
  const state = temporaryFolder(t)
  const { promise: answered, resolve: answer } = Promise.withResolvers<void>()
  const recipients: string[] = []
  const server = await mailServer(t, {
    ...OPEN,
    onRcptTo({ address }, _session, hear) {
      recipients.push(address)
      void answered.then(() => hear())
    },
  })
  const { papers, open, counted } = await papersBy(t, mailTo(server.port, 'first@example.net'), state)
  open()
  await until(() => recipients.length === 1)

  for (const to of ['second@example.net', 'third@example.net']) papers.reconfigure(mailTo(server.port, to))
  open()
  answer()
  await until(() => server.taken.length === 2 && mailsIn(state).length === 0)

  assert.deepEqual(recipients.toSorted(), ['first@example.net', 'third@example.net'])
  assert.deepEqual(counted('mails_taken_total'), [2])
})

test('mails that no disk has are handed over too; without a server those on the disk wait for one', async t => {
  const folder = temporaryFolder(t)
  writeFileSync(join(folder, 'file'), '')
  const onNoDisk = await papersBy(t, mailTo(1), join(folder, 'file'))
  const onDisk = await papersBy(t, mailTo(1), folder)
  onNoDisk.open()
  onDisk.open()
  await until(() => onNoDisk.counted('mails_unsaved_total')[0] === 1 && mailsIn(folder).length === 1)
  const server = await mailServer(t, OPEN)

  onNoDisk.papers.reconfigure(mailTo(server.port))
  onDisk.papers.reconfigure(configWith({}))
  await until(() => server.taken.length === 1)
  assert.equal(mailsIn(folder).length, 1)
  onDisk.papers.reconfigure(mailTo(server.port))
  await until(() => server.taken.length === 2 && mailsIn(folder).length === 0)

  assert.equal(onDisk.counted('mails_taken_total')[0], 1)
})

test('bounds of files hold at once, files go to the new directory, and what waits to the one it was meant for', async t => {
  const folder = temporaryFolder(t)
  const [one, other] = [join(folder, 'one'), join(folder, 'other')]
  const shown = (directory: string) =>
    readdirSync(directory)
      .filter(name => name.endsWith('.txt'))
      .sort()
  const { papers, open, counted } = await papersBy(t, filesTo(one), folder)
  for (let attack = 0; attack < 4; attack++) open()
  const hosts = (directory: string) => shown(directory).map(name => name.split('_')[0])

  papers.reconfigure(filesTo(one, 2))
  open()
  papers.reconfigure(filesTo(other, 2))
  open()
  await until(() => existsSync(other) && shown(other).length === 1 && shown(one).length === 2)
  // A file is on the disk a moment before it is counted.
  await until(() => counted('attack_files')[0] === 1)

  assert.deepEqual(hosts(one), ['192.0.2.4', '192.0.2.5'])
  assert.deepEqual(hosts(other), ['192.0.2.6'])
  assert.deepEqual(counted('attack_files_written_total'), [6, 0])
  assert.deepEqual(counted('attack_files_deleted_total'), [3])
  assert.deepEqual(counted('attack_files'), [1])
  papers.reconfigure(configWith({}))
  open()
  await papers.stop(30_000)
  assert.equal(shown(other).length, 1)
})
