import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import type { Order } from '#4-detection/attack.ts'
import type { ForeignEvent } from '#4-detection/foreign-event.ts'
import { DocumentShelf } from '#lib/documents.ts'
import { SILENT } from '#lib/log/logger.ts'
import { temporaryFolder } from '../../../test/temporary-folder.ts'
import { type IntakeSettings, runIntake } from '../intake/intake-for-tests.ts'
import { AlertRoom } from './alert-room.ts'
import { listen } from './listener-for-tests.ts'

const report = (changes: Partial<ForeignEvent> = {}): ForeignEvent => ({
  ...{ source: 'detector', externalId: 'a1', at: 0, action: 'ban', host: '203.0.113.10' },
  ...{ direction: 'incoming', vector: 'udp_flood', ports: [53], confidence: 0.9, packetsPerSecond: 700_000 },
  ...changes,
})

const LIMIT: Order = { kind: 'rate-limit', bitsPerSecond: 8000, ttlSeconds: 60, reason: 'test' }
/** A storm is within one minute however long the machine takes for it. */
const STORM_AT = Date.parse('2030-01-02T03:04:05Z')
const SAFELIST = { safelist: [{ prefix: '203.0.113.0/24', reason: 'ours' }] }

/** Reports and orders over real policy, and a web server that hears what is told of them. */
async function withAlerts(t: TestContext, settings: Partial<IntakeSettings> & { minuteMs?: number } = {}) {
  const { url, heard, until, config } = await listen(t)
  const made: AlertRoom[] = []
  const run = await runIntake(t, {
    directory: temporaryFolder(t),
    ...settings,
    witness: ({ desk, store }) => {
      const room = new AlertRoom({
        ...{ state: { documents: new DocumentShelf() }, desk, store, config, log: SILENT },
        ...(settings.minuteMs === undefined ? {} : { minuteMs: settings.minuteMs, now: () => STORM_AT }),
      })
      made.push(room)
      return room
    },
  })
  const [alerts] = made
  assert.ok(alerts)
  t.after(() => alerts.stop())
  await alerts.change({ destinations: [{ id: 'd1', type: 'generic', url }], events: [] })
  const words = () =>
    heard.map(({ event_type, severity, victim_ip = '', action_type = '' }) =>
      [event_type, severity, victim_ip, action_type].join(' ').trim(),
    )
  return { ...run, alerts, heard, until, words }
}

test('a step up is told as critical, once, under the id of the attack that was told before', async t => {
  const run = await withAlerts(t)
  await run.events.receive(report({ confidence: 0.6 }))
  await run.events.receive(report({ source: 'other', externalId: 'z', confidence: 0.5 }))
  await run.pass(125)
  await run.until(2)

  assert.deepEqual(run.words(), [
    'mitigation.created warning 203.0.113.10 police',
    'mitigation.escalated critical 203.0.113.10 discard',
  ])
  assert.equal(run.heard[0]?.['mitigation_id'], run.heard[1]?.['mitigation_id'])
  assert.match(run.heard[1]?.['message'] ?? '', /up from step limit to step drop/)
})

test('a step up after a restart is told as one, and so is the end of what an earlier run told', async t => {
  const directory = temporaryFolder(t)
  const before = await runIntake(t, { directory })
  await before.events.receive(report())
  await before.close()

  const run = await withAlerts(t, { directory, clock: { now: before.clock.now + 1000 } })
  run.alerts.adopt(run.book.open)
  await run.events.receive(report({ source: 'other', externalId: 'z' }))
  await run.pass(121)
  await run.events.receive(report({ action: 'unban' }))
  await run.until(2)

  assert.deepEqual(run.words(), [
    'mitigation.escalated critical 203.0.113.10 discard',
    'mitigation.withdrawn info 203.0.113.10',
  ])
})

test('a report that is taken back is withdrawn, one whose time is over is expired', async t => {
  const run = await withAlerts(t)
  await run.events.receive(report())
  await run.events.receive(report({ host: '203.0.113.20', externalId: 'b1', vector: 'syn_flood' }))
  await run.events.receive(report({ action: 'unban' }))
  await run.pass(63)
  await run.until(4)

  assert.deepEqual(run.words().slice(2), [
    'mitigation.withdrawn info 203.0.113.10',
    'mitigation.expired info 203.0.113.20',
  ])
  assert.match(run.heard[2]?.['message'] ?? '', /Detector unban: detector$/)
})

test('what rails refuse is told, of reports and of orders, and of no mitigation that could be looked up', async t => {
  const run = await withAlerts(t, { context: SAFELIST })
  for (let at = 0; at < 50; at++) await run.events.receive(report({ externalId: `a${at}` }))
  run.events.order({ target: '203.0.113.77', ports: [], order: LIMIT }, 'user:alice')
  // Of an address that is nobody's nothing is told: anybody could name one.
  await run.events.receive(report({ host: '198.51.100.1', externalId: 'c' }))
  await run.until(2)

  assert.deepEqual(run.words(), [
    'guardrail.rejected warning 203.0.113.10',
    'guardrail.rejected warning 203.0.113.77',
  ])
  assert.match(run.heard[0]?.['message'] ?? '', /rail safelist/)
  assert.equal(run.heard[0]?.['mitigation_id'], undefined)
  assert.deepEqual(
    run.store.audit().filter(({ who, outcome }) => who === 'user:alice' && outcome === 'refused').length,
    1,
  )
})

test('a storm of refusals is ten alerts and a summary, and crowds out nothing', async t => {
  const run = await withAlerts(t, { context: SAFELIST, minuteMs: 100 })
  for (let host = 1; host <= 60; host++)
    run.events.order({ target: `203.0.113.${host}`, ports: [], order: LIMIT }, 'user:alice')
  await run.until(11)

  assert.equal(run.heard.length, 11)
  assert.match(run.heard[10]?.['message'] ?? '', /^50 more within a minute, the first of them: refused/)
})
