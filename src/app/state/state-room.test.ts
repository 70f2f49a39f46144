import assert from 'node:assert/strict'
import { chmodSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import type { OpenAttack } from '#4-detection/attack.ts'
import { AttackCounts } from '#4-detection/metrics.ts'
import { exampleAttack } from '#5-evidence/example.ts'
import { DecisionCounts } from '#6-policy/metrics.ts'
import type { Enforcer, Outcome } from '#7-mitigation/enforcer.ts'
import { MitigationLedger } from '#7-mitigation/mitigation-ledger.ts'
import { parsePrefix } from '#lib/ip/prefix.ts'
import { SILENT } from '#lib/log/logger.ts'
import { temporaryFolder } from '../../../test/temporary-folder.ts'
import { until } from '../../../test/until.ts'
import { ActionDesk } from '../action-desk.ts'
import { AttackBook } from '../attack-book.ts'
import { AttackStory } from '../attack-story.ts'
import { StateRoom } from './state-room.ts'

/** A run of the daemon without capture: everything that a restart touches is real but for the enforcer. */
function run(
  t: TestContext,
  directory: string,
  settings: { networks?: string; wallMs?: number; superseded?: string[] } = {},
) {
  const { networks = '192.0.2.0/24', wallMs = Date.now(), superseded = [] } = settings
  const asked: string[] = []
  const done = async (word: string): Promise<Outcome> => {
    asked.push(word)
    return { kind: 'done' }
  }
  const enforcer: Enforcer = {
    ...{ name: 'script', actions: ['script'], lists: false },
    announce: ({ target }) => done(`ban ${target}`),
    amend: async () => ({ kind: 'done' }),
    withdraw: ({ target }) => done(`unban ${target}`),
    stop: async () => {},
  }
  const now = () => wallMs
  const room = new StateRoom({ directory, log: SILENT, now, retryMs: 50, openWaitMs: 60_000 })
  const ledger = new MitigationLedger({}, room.keeper)
  const book = new AttackBook()
  const desk = new ActionDesk({
    ...{ store: ledger, enforcers: [enforcer], dryRun: { ...enforcer, name: 'dry-run' } },
    maximumSeconds: 86_400,
    context: {
      networks: [parsePrefix(networks)!],
      ...{ whitelist: [], managementPrefixes: [], policy: { bansMax: 10, bansPerMinute: 10 } },
      ...{ armed: true, scriptPath: '/bin/notify' },
    },
    ...{ counts: new DecisionCounts(), log: SILENT, now },
  })
  const counts = new AttackCounts()
  const story = new AttackStory({ desk, book, counts, log: SILENT, keeper: room.keeper })
  const late: OpenAttack[] = []
  const open = () =>
    room.open({ ledger, book, desk, story, late: (_, takeUp) => void late.push(...takeUp(superseded)) })
  const close = async () => {
    await desk.settled()
    await room.close(30_000)
  }
  t.after(close)
  const ban = (attack: OpenAttack) => story.tell([{ kind: 'opened', attack, flows: [] }])
  return { room, ledger, book, desk, story, asked, late, open, close, ban }
}

const banOf = (host: string, changes: Partial<OpenAttack> = {}) =>
  exampleAttack({ id: `id-${host}`, host, openedAt: Date.now(), isOver: false, banSeconds: 600, ...changes })

test('a restart holds what was held, without a word to the enforcer', async t => {
  const directory = temporaryFolder(t)
  const first = run(t, directory)
  await first.open()
  first.ban(banOf('192.0.2.1'))
  first.room.learn('limit samples', [1, 2])
  await first.close()

  const second = run(t, directory)
  await second.open()
  await second.desk.settled()

  assert.deepEqual(second.asked, [])
  assert.deepEqual(
    second.book.open.map(({ host }) => host),
    ['192.0.2.1'],
  )
  assert.equal(second.ledger.active()[0]!.state, 'announced')
  assert.match(second.book.list('open')[0]!.decision, /^restored from an earlier run: playbook/)
  assert.deepEqual(
    second.ledger.audit().map(({ what }) => what),
    ['announce'],
  )
  assert.deepEqual(second.room.recall('limit samples'), [1, 2])
  assert.equal(second.room.problem, undefined)
})

test('what expired meanwhile is taken back first, then policy decides about what nobody answered', async t => {
  const directory = temporaryFolder(t)
  const first = run(t, directory)
  await first.open()
  first.ban(banOf('192.0.2.1', { banSeconds: 0.001 }))
  first.ban(banOf('192.0.2.2'))
  // Outside the networks of the first run: reported only.
  first.ban(banOf('198.51.100.1'))
  await first.close()
  assert.deepEqual(first.asked, ['ban 192.0.2.1', 'ban 192.0.2.2'])

  const second = run(t, directory, { networks: '0.0.0.0/0' })
  await second.open()
  await second.close()

  assert.deepEqual(second.asked, ['unban 192.0.2.1', 'ban 198.51.100.1'])
  assert.deepEqual(
    second.book.list('ended').map(({ attack }) => attack.host),
    ['192.0.2.1'],
  )
  const third = run(t, directory, { networks: '0.0.0.0/0' })
  await third.open()
  assert.deepEqual(third.book.open.map(({ host }) => host).sort(), ['192.0.2.2', '198.51.100.1'])
  assert.deepEqual(third.asked, [])
})

test('an attack that is over is in the history, and a report of a foreign detector is kept when it is said so', async t => {
  const { room, ban, desk, open } = run(t, temporaryFolder(t))
  await open()
  ban(banOf('192.0.2.1'))
  await desk.settled()
  room.keepPastAttack(() => ({ id: 'a', host: '192.0.2.1', openedAt: 1, endedAt: 2, report: { why: 'x' } }))
  const event = { id: 'e', source: 'detector', externalId: '1', receivedAt: 1, report: { bps: 1 } }
  const about = { host: '192.0.2.1', outcome: 'accepted', attackId: 'a' }

  assert.deepEqual(await room.keepEvent({ ...event, ...about }), { kind: 'kept' })
  assert.equal(await room.onDisk(), true)

  assert.deepEqual(
    (await room.look('events', { limit: 10 })).map(({ number: _number, ...kept }) => kept),
    [{ ...event, ...about }],
  )
  assert.deepEqual(
    (await room.look('past-attacks', { limit: 10, host: '192.0.2.1' })).map(({ id }) => id),
    ['a'],
  )
  const entries = await room.listAudit({ limit: 10, what: 'announce' })
  assert.deepEqual(
    entries.map(({ sequence, entry: { before, after } }) => [
      sequence,
      ...[before, after].map(state => JSON.parse(JSON.stringify(state)).state),
    ]),
    [[1, 'pending', 'announced']],
  )
  assert.equal((await room.verifyAudit()).kind, 'intact')
})

test('a ban of a host that is no longer ours ends, with that reason', async t => {
  const directory = temporaryFolder(t)
  const first = run(t, directory)
  await first.open()
  first.ban(banOf('192.0.2.1'))
  await first.close()

  const second = run(t, directory, { networks: '203.0.113.0/24' })
  await second.open()
  await second.close()

  assert.deepEqual(second.asked, ['unban 192.0.2.1'])
  const [ended] = second.book.list('ended')
  assert.ok(ended?.attack.state === 'ended')
  assert.equal(ended.attack.endedBy, 'configuration')
})

test('without a place for the file bans go on, health says so, and what waited is written when there is room', async t => {
  const directory = join(temporaryFolder(t), 'state')
  // A file where the directory should be: not even root can write below it.
  writeFileSync(directory, '')
  const daemon = run(t, directory)
  await daemon.open()
  daemon.ban(banOf('192.0.2.1'))
  await daemon.desk.settled()

  assert.deepEqual(daemon.asked, ['ban 192.0.2.1'])
  assert.match(daemon.room.problem ?? '', /unable to open database file/)
  const value = (name: string) => [...daemon.room.metrics()].find(metric => metric.name === name)?.value
  assert.ok((value('floodwarden_store_changes_waiting') ?? 0) >= 2)
  assert.equal(value('floodwarden_store_failures_total'), 1)

  rmSync(directory)
  mkdirSync(directory)
  await until(() => value('floodwarden_store_changes_waiting') === 0 && daemon.room.problem === undefined)
  await daemon.close()
  const next = run(t, directory)
  await next.open()
  assert.equal(next.book.openCount, 1)
})

test('a state that comes late is merged: newer bans stay, older ones pass into them', async t => {
  const directory = temporaryFolder(t)
  const first = run(t, directory)
  await first.open()
  first.ban(banOf('192.0.2.1'))
  first.ban(banOf('192.0.2.2'))
  first.ban(banOf('192.0.2.3'))
  await first.close()
  const away = `${directory}-away`
  renameSync(directory, away)
  writeFileSync(directory, '')
  const second = run(t, directory, { superseded: ['id-192.0.2.3'] })
  await second.open()
  second.ban(banOf('192.0.2.1', { id: 'newer' }))
  rmSync(directory)
  renameSync(away, directory)
  chmodSync(directory, 0o700)

  await until(() => second.late.length > 0)
  await second.close()

  // Of 192.0.2.3 the engine has a newer attack, of which nobody has heard yet: nothing is taken back.
  assert.deepEqual(second.asked, ['ban 192.0.2.1'])
  assert.deepEqual(
    second.late.map(({ host }) => host),
    ['192.0.2.2'],
  )
  const third = run(t, directory)
  await third.open()
  assert.deepEqual(third.book.open.map(({ id }) => id).sort(), ['id-192.0.2.2', 'newer'])
})
