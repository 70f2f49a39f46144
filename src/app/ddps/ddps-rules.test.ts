import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import type { Enforcer, Outcome } from '#7-mitigation/enforcer.ts'
import type { Identity } from '#api/contract/access.ts'
import { type DdpsRule, readDdpsRule } from '#compat/ddps/rule.ts'
import { ddpsRule } from '#compat/ddps/rule-for-tests.ts'
import { convertRule } from '#compat/ddps/to-rule.ts'
import { DDPS_ACTIONS } from '#compat/ddps/words.ts'
import { parsePrefix } from '#lib/ip/prefix.ts'
import { configWith } from '../engine-for-tests.ts'
import { ADMIN, OF_C1, OF_C2, setUp } from '../resources/resources-for-tests.ts'
import { RuleDesk } from '../rules/rule-desk.ts'
import { RulePreviews } from '../rules/rule-preview.ts'
import { ddpsRules } from './ddps-rules.ts'

const HOST = '203.0.113.5'
const NETWORKS = ['203.0.113.0/24', '198.51.100.0/24']

/** `quota`: of customer c1. */
async function opened(t: TestContext, quota = { activeMax: 512, newPerMinute: 512 }) {
  const customers = [{ id: 'c1', prefixes: ['203.0.113.0/24'], rules: quota }]
  const config = configWith({ inventory: { customers } }, NETWORKS)
  const made = await setUp(t, {}, { config, context: { armed: true } })
  const answer: { now: Outcome } = { now: { kind: 'done' } }
  const gobgp: Enforcer = {
    ...{ name: 'gobgp', actions: ['filter'], lists: false },
    announce: async () => answer.now,
    amend: async () => ({ kind: 'done' }),
    withdraw: async () => ({ kind: 'done' }),
    stop: async () => {},
  }
  made.desk.enforcers = [gobgp]
  const panic = () => Promise.reject(new Error('nobody panics here'))
  const previews = new RulePreviews({ book: made.book, samples: panic })
  const desk = new RuleDesk({ rules: made.rules, reach: made.reach, previews, panic })
  const room = ddpsRules({ desk, reach: made.reach, config: () => config })
  const add = async (changes: Partial<DdpsRule> = {}, by = OF_C1) => {
    const read = readDdpsRule(ddpsRule({ destinationprefix: `${HOST}/32`, ...changes }))
    assert.ok(read.kind === 'rule')
    const checks = { actions: DDPS_ACTIONS, mayTouch: () => true }
    const converted = convertRule(read.rule, checks)
    assert.ok(converted.kind === 'rule')
    const { rule, seconds } = converted
    const outcome = await room.add({ rule, seconds, description: read.rule.description }, by)
    await made.desk.settled()
    return outcome
  }
  return { ...made, room, add, answer }
}

test('a rule becomes one by a person, is announced, listed and taken back', async t => {
  const { add, room, store, desk } = await opened(t)

  const added = await add()
  const [mitigation] = store.active()
  const [row, ...others] = await room.list('active', OF_C1)
  const withdrawn = await room.withdraw(row?.id ?? '', OF_C1)
  await desk.settled()

  assert.deepEqual(added, { kind: 'accepted' })
  assert.deepEqual(mitigation?.action.kind === 'filter' && mitigation.action.rule, row?.text)
  assert.equal(
    row?.text,
    'destination 203.0.113.5/32 protocol =udp source-port =123 packet-length =468 then discard',
  )
  assert.deepEqual(
    [row.status, row.createdBy, row.sourceApp, row.description, row.endsAt - row.startsAt, others.length],
    ['Active', 'user:ann', 'ddps', 'NTP amplification', 600_000, 0],
  )
  assert.deepEqual(withdrawn, { kind: 'withdrawn' })
  assert.deepEqual(await room.withdraw(row.id, OF_C1), { kind: 'over' })
  assert.deepEqual(await room.withdraw('nothing', OF_C1), { kind: 'unknown' })
  assert.deepEqual(await room.list('active', OF_C1), [])
  assert.deepEqual(
    (await room.list('all', OF_C1)).map(({ status }) => status),
    ['Rule deleted'],
  )
})

test('accept only watches, rates are bytes, and a speaker that is down is told', async t => {
  const { add, room, store, answer } = await opened(t)

  await add({ thenaction: 'accept' })
  await add({ thenaction: 'rate-limit 9600', sourceport: '=53' })
  answer.now = { kind: 'failed', error: 'gobgpd is away' }
  await add({ sourceport: '=19' })

  const rows = await room.list('active', ADMIN)
  assert.deepEqual(
    rows.map(({ status }) => status),
    ['Failed to implement rule', 'Active', 'Active'],
  )
  assert.deepEqual(rows[1]?.rule?.actions, [{ kind: 'rate-bytes', bytesPerSecond: 9600, asn: 0 }])
  assert.deepEqual(rows[2]?.rule?.actions, [])
  assert.deepEqual(
    store.active().map(({ enforcer }) => enforcer),
    ['dry-run', 'gobgp', 'gobgp'],
  )
})

test('the same packets are a duplicate, and what policy refuses is told by its sentence', async t => {
  const { add } = await opened(t)

  await add()
  const same = await add({ description: 'another reason', packetlength: '468', sourceprefix: '0.0.0.0/0' })
  const other = await add({ packetlength: '=469' })
  const all = await add({ ipprotocol: '', sourceport: '', packetlength: '' })

  assert.deepEqual([same.kind, same.kind === 'refused' && same.because], ['refused', 'duplicate'])
  assert.deepEqual(other, { kind: 'accepted' })
  assert.ok(all.kind === 'refused')
  assert.equal(all.because, 'policy')
  assert.match(all.text, /blackhole/)
})

test('quotas hold in the words of DDPS', async t => {
  const { add, clock } = await opened(t, { activeMax: 3, newPerMinute: 2 })

  await add({ sourceport: '=1' })
  await add({ sourceport: '=2' })
  const fast = await add({ sourceport: '=3' })
  clock.now += 61_000
  const third = await add({ sourceport: '=3' })
  const many = await add({ sourceport: '=4' })

  assert.deepEqual(fast, {
    kind: 'refused',
    because: 'rate-quota',
    text: 'Customer specific rules per unit of time exceeded',
  })
  assert.equal(third.kind, 'accepted')
  assert.deepEqual(many, {
    ...{ kind: 'refused', because: 'active-quota', text: 'Customer specific active rules exceeded' },
  })
})

test('whoever is confined touches his own, and nobody what is not ours', async t => {
  const { add, room } = await opened(t)
  const may = (text: string, by = ADMIN) => {
    const prefix = parsePrefix(text)
    return prefix !== undefined && room.mayTouch(prefix, by)
  }

  await add()
  const [row] = await room.list('active', ADMIN)

  assert.deepEqual(
    [may('203.0.113.0/24'), may('203.0.113.9/32'), may('203.0.112.0/23'), may('192.0.2.1/32')],
    [true, true, false, false],
  )
  assert.deepEqual([may('203.0.113.9/32', OF_C1), may('198.51.100.1/32', OF_C1)], [true, false])
  assert.equal(may('203.0.113.9/32', OF_C2), false)
  // DDPS's net admin.
  const ofNetwork: Identity = { ...OF_C1, networks: ['203.0.113.0/25'] }
  assert.deepEqual(
    ['203.0.113.9/32', '203.0.113.0/25', '203.0.113.0/24', '203.0.113.200/32'].map(text =>
      may(text, ofNetwork),
    ),
    [true, true, false, false],
  )
  const theirs = await add({ sourceport: '=7' }, OF_C2)
  assert.deepEqual([theirs.kind === 'refused' && theirs.because], ['rights'])
  assert.deepEqual(await room.list('all', OF_C2), [])
  assert.deepEqual(await room.withdraw(row?.id ?? '', OF_C2), { kind: 'unknown' })
})
