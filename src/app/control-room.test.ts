import assert from 'node:assert/strict'
import { test } from 'node:test'
import { prefixesOf } from '#3-traffic/hostgroup.ts'
import { addressFor } from '#4-detection/limits-for-tests.ts'
import { AttackCounts } from '#4-detection/metrics.ts'
import { exampleAttack } from '#5-evidence/example.ts'
import { DecisionCounts } from '#6-policy/metrics.ts'
import type { Actor } from '#7-mitigation/audit.ts'
import { MitigationLedger } from '#7-mitigation/mitigation-ledger.ts'
import { DryRun } from '#8-enforcement/dry-run/driver.ts'
import { attacksSchema } from '#api/contract/attack.ts'
import { auditSchema } from '#api/contract/audit.ts'
import { banSchema } from '#api/contract/ban.ts'
import { healthSchema } from '#api/contract/health.ts'
import { statusSchema } from '#api/contract/status.ts'
import { trafficSchema } from '#api/contract/traffic.ts'
import type { Caller } from '#api/control.ts'
import { SILENT } from '#lib/log/logger.ts'
import { ActionDesk } from './action-desk.ts'
import { AttackBook } from './attack-book.ts'
import { AttackStory } from './attack-story.ts'
import { CaptureCrew } from './capture/capture-crew.ts'
import { ControlRoom, type Daemon } from './control-room.ts'
import type { EngineEvent } from './engine-event.ts'
import { configWith, engineLab, flood, WALL } from './engine-for-tests.ts'
import { factsOf } from './engine-worker/engine-facts.ts'
import { explainHost } from './explain-host.ts'
import { StatusView } from './status-view.ts'
import { TrafficView } from './traffic-view.ts'

const LOOP = {
  ...{ tickMs: 100, share: 0.1, late: 0 },
  ...{ secondsSinceTick: 0.05, lastTickMicros: 900, lastPassMicros: 5000 },
}
const OPERATOR: Caller = { uid: 1000, pid: 4242 }

/** A daemon without threads and sockets: everything else is real. */
async function setUp(settings: object = {}, loop = { ...LOOP }) {
  const config = configWith({
    whitelist: ['10.0.0.200/32'],
    policy: { managementPrefixes: ['10.0.0.250/32'], bansMax: 3 },
    detection: { banSeconds: 60, thresholds: { incoming: { packetsPerSecond: 500 }, outgoing: {} } },
    capture: { method: 'off' },
    ...settings,
  })
  const lab = await engineLab(config)
  const { engine } = lab
  const store = new MitigationLedger()
  const book = new AttackBook()
  const rails = {
    networks: prefixesOf(config.networks),
    whitelist: prefixesOf(config.whitelist),
    managementPrefixes: prefixesOf(config.policy.managementPrefixes),
  }
  const desk = new ActionDesk({
    store,
    enforcers: [],
    dryRun: new DryRun(SILENT),
    maximumSeconds: 3600,
    context: { ...rails, policy: config.policy, armed: false, scriptPath: '/bin/notify' },
    counts: new DecisionCounts(),
    log: SILENT,
    now: () => lab.now().wallMs,
  })
  const story = new AttackStory({ desk, book, counts: new AttackCounts(), log: SILENT })
  const traffic = new TrafficView(engine)
  const status = new StatusView({
    engine: {
      get facts() {
        return factsOf(engine, loop)
      },
    },
    crew: new CaptureCrew(config, 1, SILENT),
    mode: config.detection.mode,
    armed: config.mitigation.armed,
    origin: { kind: 'defaults', file: undefined },
    stateDirectory: '/tmp/state',
    networks: config.networks.length,
    startedAt: WALL,
    warnings: ['a warning'],
    listeners: () => ['metrics: the port is taken'],
  })
  const told = async (events: readonly EngineEvent[], who: Actor, begins: () => void) => {
    if (events.length > 0) begins()
    story.tell(events, who)
    return events.length > 0
  }
  const daemon: Daemon = {
    ...{ book, store, status, banSeconds: config.detection.banSeconds, screen: config.screen },
    refresh: async () => {},
    traffic: async (sort, limit) => traffic.read(sort, limit),
    explain: async host => explainHost(engine, addressFor(host)),
    rails: () => desk.rails(),
    isBanned: host => book.isOpen(host),
    ban: (host, seconds, who, begins) => told(engine.ban(addressFor(host), seconds, lab.now()), who, begins),
    unban: (host, who, begins) => told(engine.unban(host, lab.now()), who, begins),
    now: () => lab.now().wallMs,
  }
  const run = (seconds: number, frames: readonly Uint8Array[] = []) => story.tell(lab.run(seconds, frames))
  return { room: new ControlRoom(daemon), lab, store, desk, story, run }
}

test('a ban by hand is set, told and audited with the user who asked', async () => {
  const { room, store, desk } = await setUp()

  const done = await room.ban({ host: '10.0.0.1', seconds: 30, reason: 'asked for' }, OPERATOR)
  await desk.settled()

  assert.ok(done.kind === 'done')
  assert.equal(done.value.host, '10.0.0.1')
  assert.equal(done.value.origin, 'manual')
  assert.equal(done.value.endsAt, new Date(WALL + 30_000).toISOString())
  assert.deepEqual(
    store
      .audit()
      .map(({ who, what, outcome, reason }) => [who, what, outcome, reason])
      .slice(0, 1),
    [['uid:1000', 'decide', 'done', 'ban by hand: asked for']],
  )
  assert.equal(store.audit()[1]!.who, 'uid:1000')
  assert.equal(room.bans({ limit: 10 }).total, 1)
  banSchema.parse(done.value)
})

test('without a time a ban by hand lasts as configured, with 0 until it is ended', async () => {
  const { room } = await setUp()

  const [usual, endless] = await Promise.all([
    room.ban({ host: '10.0.0.1' }, OPERATOR),
    room.ban({ host: '10.0.0.2', seconds: 0 }, OPERATOR),
  ])

  assert.ok(usual.kind === 'done' && endless.kind === 'done')
  assert.equal(usual.value.endsAt, new Date(WALL + 60_000).toISOString())
  assert.equal(endless.value.endsAt, undefined)
})

test('what a rail forbids is refused with its reason, and audited with the user who asked', async () => {
  const { room, store } = await setUp()
  const ban = (host: string) => room.ban({ host }, OPERATOR)
  // Not waited for: orders are carried out one after another all the same.
  void ban('10.0.0.1')
  void ban('10.0.0.2')
  void ban('10.0.0.3')

  const asked = ['192.0.2.1', '10.0.0.200', '10.0.0.250', '0.0.0.0', '10.0.0.4', '10.0.0.1']
  const answers = await Promise.all(asked.map(ban))

  assert.deepEqual(
    answers.map(answer => (answer.kind === 'refused' ? answer.code : answer.kind)),
    [
      ...['outside-networks', 'protected-host', 'protected-host', 'refused-by-policy'],
      ...['too-many-bans', 'already-banned'],
    ],
  )
  const audited = store.audit().filter(({ outcome }) => outcome === 'refused')
  assert.deepEqual(
    audited.map(({ who, target }) => `${who} ${target}`),
    ['192.0.2.1', '10.0.0.200', '10.0.0.250', '0.0.0.0', '10.0.0.4', '10.0.0.1'].map(
      host => `uid:1000 ${host}`,
    ),
  )
  assert.equal(audited[0]!.reason, '192.0.2.1/32 is in none of our 2 networks')
  assert.equal(room.bans({ limit: 10 }).total, 3)
})

test('a ban is ended by hand, whoever set it; a host without one is refused', async () => {
  const { room, store, run, desk } = await setUp()
  run(1, flood('10.0.0.1', 200))
  assert.equal(room.bans({ limit: 10 }).bans[0]!.origin, 'detected')

  const ended = await room.unban('10.0.0.1', { uid: undefined, pid: undefined })
  const again = await room.unban('10.0.0.1', OPERATOR)
  await desk.settled()

  assert.ok(ended.kind === 'done')
  assert.equal(ended.value.host, '10.0.0.1')
  assert.ok(again.kind === 'refused')
  assert.equal(again.code, 'not-banned')
  assert.equal(room.bans({ limit: 10 }).total, 0)
  const said = store.audit().map(({ who, what, outcome }) => `${who} ${what} ${outcome}`)
  assert.ok(said.includes('unknown decide done'))
  assert.ok(said.includes('uid:1000 decide refused'))
})

test('an attack on prefixes is ended by any of them or by its identifier, unless that could mean several', async () => {
  const { room, store, lab, story } = await setUp()
  const open = (id: string, ...prefixes: [string, ...string[]]) => {
    const attack = exampleAttack({ id, scope: 'prefix', host: prefixes[0], prefixes })
    lab.engine.restore([attack], lab.now())
    story.tell([{ kind: 'opened', attack, flows: [] }])
  }
  const unban = async (target: string) => {
    const done = await room.unban(target, OPERATOR)
    return done.kind === 'done' ? done.value.attackId : done.code
  }
  open('aa-1', '10.0.0.0/25', '10.0.0.128/26')
  open('aa-2', '10.0.0.192/27', '10.0.0.224/28')
  open('aa-3', '10.0.0.240/28', '10.0.0.224/28')

  assert.equal(await unban('10.0.0.0/24'), 'not-banned')
  assert.equal(await unban('10.0.0.1'), 'not-banned')
  assert.equal(await unban('10.0.0.224/28'), 'ambiguous')
  assert.equal(await unban('10.0.0.128/26'), 'aa-1')
  assert.equal(await unban('aa-2'), 'aa-2')
  assert.equal(await unban('aa-2'), 'not-banned')
  assert.equal(await unban('10.0.0.224/28'), 'aa-3')

  assert.equal(room.bans({ limit: 10 }).total, 0)
  assert.ok(
    store.audit().some(({ reason }) => /is in several attacks; name one of aa-[23], aa-[23]$/.test(reason)),
  )
})

test('attacks are listed with decision and mitigations, and each has its report', async () => {
  const { room, run } = await setUp()
  run(3, [...flood('10.0.0.1', 200), ...flood('2001:db8::1', 200)])

  const listed = room.attacks({ state: 'open', limit: 1 })
  const report = room.attack(listed.attacks[0]!.id)

  attacksSchema.parse(listed)
  assert.equal(listed.total, 2)
  assert.equal(listed.attacks.length, 1)
  assert.match(listed.attacks[0]!.decision, /^dry run/)
  assert.equal(listed.attacks[0]!.mitigations.length, 1)
  assert.ok(JSON.stringify(report).includes(`"${listed.attacks[0]!.host}"`))
  assert.equal(room.attack('nobody'), undefined)
  assert.deepEqual(room.attacks({ state: 'ended', limit: 10 }), { attacks: [], total: 0 })
})

test('the screen shows traffic and bans as configured or as asked', async () => {
  const { room, run } = await setUp({ screen: { rows: 1, sort: 'bytes' } })
  run(3, [...flood('10.0.0.1', 200), ...flood('10.0.0.2', 10)])

  const usual = await room.traffic({})
  const asked = await room.traffic({ sort: 'packets', limit: 5 })

  trafficSchema.parse(usual)
  assert.deepEqual([usual.sort, usual.limit, usual.incoming.hosts.length], ['bytes', 1, 1])
  assert.deepEqual([asked.sort, asked.limit, asked.incoming.hosts.length], ['packets', 5, 2])
  assert.equal(asked.incoming.hosts[0]!.banned, true)
  assert.deepEqual(
    asked.bans.map(({ host, direction }) => `${host} ${direction}`),
    ['10.0.0.1 incoming'],
  )
  assert.equal(asked.bansTotal, 1)
})

test('status and health say how the daemon is', async () => {
  const { room, run } = await setUp()
  run(1, flood('10.0.0.1', 200))

  const status = await room.status()
  const health = room.health()

  statusSchema.parse(status)
  healthSchema.parse(health)
  assert.equal(status.activeAttacks, 1)
  assert.equal(status.ticks, 10)
  assert.equal(status.hosts.tracked, 1)
  assert.deepEqual(status.warnings, ['metrics: the port is taken', 'a warning'])
  assert.equal(health.ok, true)
})

test('a daemon that decides only once a minute is not late for that', async () => {
  const settings = {
    detection: { mode: 'plain', thresholds: { incoming: {}, outgoing: {} } },
    traffic: { speedSeconds: 60 },
  }
  const [inTime, late] = [
    await setUp(settings, { ...LOOP, tickMs: 60_000, secondsSinceTick: 62 }),
    await setUp(settings, { ...LOOP, tickMs: 60_000, secondsSinceTick: 70 }),
  ]

  assert.deepEqual([inTime.room.health().ok, late.room.health().ok], [true, false])
})

test('the audit is told newest first, in the words of the contract', async () => {
  const { room } = await setUp()
  await room.ban({ host: '192.0.2.1' }, OPERATOR)
  await room.ban({ host: '192.0.2.2' }, OPERATOR)

  const { entries } = await room.audit({ limit: 1 })

  auditSchema.parse({ entries })
  assert.deepEqual(
    entries.map(({ target, outcome }) => `${target} ${outcome}`),
    ['192.0.2.2 refused'],
  )
  assert.equal((await room.audit({ limit: 100 })).entries.length, 2)
  const refused = await room.audit({ limit: 100, outcome: 'refused', target: '192.0.2.2', who: 'uid:1000' })
  assert.equal(refused.entries.length, 1)
  const none = await room.audit({ limit: 100, since: '2999-01-01T00:00:00Z' })
  assert.deepEqual(none.entries, [])
})

test('a host is explained: never seen, calm, under attack; and an attack by its identifier', async () => {
  const { room, run } = await setUp()
  const verdict = async (subject: string) => (await room.explain(subject))?.verdict

  assert.match((await verdict('10.0.0.1')) ?? '', /^10\.0\.0\.1 has no traffic$/)
  run(1, flood('10.0.0.1', 20))
  assert.match(
    (await verdict('10.0.0.1')) ?? '',
    /is below all its limits: incoming packets are at \d+ % of theirs/,
  )
  run(2, flood('10.0.0.1', 6000))
  const attacked = await room.explain('10.0.0.1')
  assert.match(attacked?.verdict ?? '', /^10\.0\.0\.1 is under attack: incoming packets at/)
  const suspicion = attacked?.attack?.crossing?.suspicion
  assert.ok(suspicion !== undefined && suspicion.weight > 0.8, JSON.stringify(suspicion))
  const byId = await room.explain(attacked?.attack?.id ?? '')
  assert.equal(byId?.now?.host, '10.0.0.1')
  assert.equal(await room.explain('no-such-attack'), undefined)
})
