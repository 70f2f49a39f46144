import assert from 'node:assert/strict'
import { test } from 'node:test'
import { PROTECTION_KEY } from './kept-protection.ts'
import { RoomDesk } from './protection-desk.ts'
import { BRIEFING, FakeBackEnd, mitigationOf, roomOf, WRITTEN } from './room-for-tests.ts'
import { metricsOf } from './room-metrics.ts'

const WEB = WRITTEN.protection.profiles.web
const profileWith = (more: object, countermeasures: object = {}) => ({
  ...WRITTEN,
  protection: {
    profiles: { web: { ...WEB, ...more, countermeasures: { ...WEB.countermeasures, ...countermeasures } } },
  },
})
const settled = () => new Promise(resolve => setTimeout(resolve, 5))

function begun(written: object = WRITTEN, backEnd = new FakeBackEnd()) {
  const parts = roomOf(written, backEnd)
  parts.room.adopt(undefined)
  parts.room.arm(true)
  parts.room.begin()
  return {
    ...parts,
    enforcer: parts.room.enforcers[0]!,
    desk: new RoomDesk(parts.room, () => parts.clock.now),
  }
}

test('two attacks need the same: what is on stays until both are over, and then nothing is', async () => {
  const { enforcer, backEnd } = begun()
  const [a, b] = [mitigationOf('a', 'acl'), mitigationOf('b', 'acl', '10.0.0.8')]

  assert.deepEqual(await enforcer.announce(a, BRIEFING), { kind: 'done' })
  await enforcer.announce(b, BRIEFING)
  assert.equal(backEnd.held, 'web temporary-blacklist acl')
  assert.deepEqual(await enforcer.withdraw(a, BRIEFING), { kind: 'done' })
  assert.equal(backEnd.held, 'web temporary-blacklist acl')
  await enforcer.withdraw(b, BRIEFING)

  assert.equal(backEnd.held, 'web off')
})

test('disarmed nothing of ours is anywhere, armed again it is as it is desired', async () => {
  const { room, backEnd, desk } = begun()
  await desk.switch({ profile: 'web', mode: 'on' }, 'uid:1000')
  assert.equal(backEnd.held, 'web temporary-blacklist')

  room.arm(false)
  await settled()
  assert.equal(backEnd.held, undefined)
  const dry = await desk.switch({ profile: 'web', countermeasure: 'acl', mode: 'on' }, 'uid:1000')
  assert.ok(dry.kind === 'done')
  assert.match(dry.notes.join(), /dry run/)
  assert.equal(backEnd.held, undefined)
  assert.equal(desk.profile('web')?.carried, 'dry-run')

  room.arm(true)
  await settled()
  assert.equal(backEnd.held, 'web temporary-blacklist acl')
})

test('what cannot be done is told, tried again, and heard of when it is done; what cannot be undone is undone later', async t => {
  t.mock.timers.enable({ apis: ['setTimeout'] })
  const { enforcer, backEnd, desk } = begun()
  const heard: string[] = []
  enforcer.listen?.((id, { kind }) => heard.push(`${id} ${kind}`))
  backEnd.failure = 'nobody answers'
  const a = mitigationOf('a', 'acl')
  assert.deepEqual(await enforcer.announce(a, BRIEFING), { kind: 'failed', error: 'nobody answers' })
  assert.equal(desk.profile('web')?.carried, 'waiting')
  assert.deepEqual(desk.profile('web')?.problems, ['nobody answers'])

  backEnd.failure = undefined
  await turn(() => t.mock.timers.tick(1000))
  assert.deepEqual([backEnd.held, heard], ['web temporary-blacklist acl', ['a done']])

  backEnd.failure = 'nobody answers'
  let isOver = false
  const over = enforcer.withdraw(a, BRIEFING).then(() => {
    isOver = true
  })
  await turn(() => t.mock.timers.tick(1000))
  assert.equal(isOver, false)
  backEnd.failure = undefined
  await turn(() => t.mock.timers.tick(4000))
  await over
  assert.equal(backEnd.held, 'web off')
})

async function turn(act: () => void): Promise<void> {
  act()
  for (let at = 0; at < 20; at++) await Promise.resolve()
}

test('what an earlier run left is carried out before anything else, and what is over is not', async () => {
  const first = begun()
  await first.desk.switch({ profile: 'web', countermeasure: 'source-limit', mode: 'on' }, 'uid:1000')
  await first.desk.switch({ profile: 'web', countermeasure: 'acl', mode: 'on', ttlSeconds: 5 }, 'uid:1000')
  await first.enforcer.announce(mitigationOf('a', 'acl'), BRIEFING)
  first.room.second()

  const next = roomOf(WRITTEN, first.backEnd)
  next.clock.now = first.clock.now + 10_000
  next.room.adopt(first.kept.get(PROTECTION_KEY))
  next.room.arm(true)
  const before = first.backEnd.applied
  const withdrawing = next.room.enforcers[0]!.withdraw(mitigationOf('a', 'acl'), BRIEFING)
  await settled()
  assert.equal(first.backEnd.applied, before)
  await next.room.enforcers[0]!.reconcile?.([mitigationOf('b', 'acl')])
  await withdrawing

  assert.equal(next.backEnd.held, 'web temporary-blacklist acl source-limit')
  assert.deepEqual(
    next.room.holders.switches.map(({ countermeasure }) => countermeasure),
    ['source-limit'],
  )
})

test('a reload keeps what is needed and switched, and follows the profiles', async () => {
  const { room, enforcer, backEnd, desk, reload } = begun()
  await enforcer.announce(mitigationOf('a', 'acl'), BRIEFING)
  await desk.switch({ profile: 'web', countermeasure: 'source-limit', mode: 'on' }, 'uid:1000')

  reload(profileWith({}, { 'header-sanity': { mode: 'on' } }))
  await settled()
  assert.equal(backEnd.held, 'web temporary-blacklist header-sanity acl source-limit')
  assert.equal(room.holders.needsOf('web').length, 1)

  reload({ ...WRITTEN, protection: {} })
  await settled()
  assert.equal(backEnd.held, '')
  const refused = await enforcer.announce(mitigationOf('b', 'acl'), BRIEFING)
  assert.deepEqual(refused, { kind: 'refused', error: 'there is no protection profile web any more' })
})

test('an operator hears who still needs what he switched off, and the audit has his order', async () => {
  const { enforcer, desk, backEnd, store } = begun()
  await desk.switch({ profile: 'web', countermeasure: 'acl', mode: 'on' }, 'uid:1000')
  await enforcer.announce(mitigationOf('a', 'acl'), BRIEFING)

  const off = await desk.switch({ profile: 'web', countermeasure: 'acl', mode: 'off' }, 'uid:1000')
  assert.ok(off.kind === 'done')
  assert.match(off.notes.join(), /acl of profile web stays on for attack attack-a on 10\.0\.0\.7/)
  assert.match(backEnd.held ?? '', /acl/)
  assert.deepEqual(
    store.audit().map(({ who, what, target, reason }) => `${who} ${what} ${target}: ${reason}`),
    ['uid:1000 protect web: acl of profile web: on', 'uid:1000 protect web: acl of profile web: off'],
  )

  const wrong = [
    await desk.switch({ profile: 'mail', mode: 'on' }, 'uid:1000'),
    await desk.switch({ profile: 'web', countermeasure: 'geo', mode: 'on' }, 'uid:1000'),
    await desk.switch({ profile: 'web', mode: 'on', ttlSeconds: 0 }, 'uid:1000'),
    await desk.block({ profile: 'web', sources: ['10.0.0.0/8'] }, 'uid:1000'),
    desk.tag('web-9', ['seen'], 'uid:1000'),
  ]
  assert.deepEqual(
    wrong.map(one => (one.kind === 'refused' ? one.code : one.kind)),
    ['unknown-profile', 'no-countermeasure', 'bad-ttl', 'bad-source', 'unknown-incident'],
  )
})

test('a threshold switches by itself when enough measurements say so, and its time has an end', async () => {
  const threshold = { on: 1000, off: 400, history: 5, severity: 3 }
  const { room, backEnd, traffic, desk, clock } = begun(
    profileWith({}, { acl: { ...WEB.countermeasures.acl, threshold } }),
  )
  const second = async (packets: number) => {
    traffic.now = { packets, bits: 0 }
    clock.now += 1000
    room.second()
    await settled()
  }

  for (const packets of [2000, 2000]) await second(packets)
  assert.equal(backEnd.held, 'web off')
  await second(2000)
  assert.equal(backEnd.held, 'web temporary-blacklist acl')
  const view = desk.profile('web')?.countermeasures.find(({ name }) => name === 'acl')
  assert.deepEqual(view?.threshold, { metric: 'packets', ...threshold, isOver: true, now: 2000 })
  assert.equal(view?.holders[0]?.who, 'packets above 1000 per second')
  for (const packets of [0, 0, 0]) await second(packets)
  assert.equal(backEnd.held, 'web off')

  for (const packets of [2000, 2000, 2000]) await second(packets)
  assert.equal(backEnd.held, 'web temporary-blacklist acl')
  clock.now += 86_400_000
  await second(0)
  assert.equal(backEnd.held, 'web off')
})

test('counters, full sets and who comes back are seen, and an incident says what was dropped', async () => {
  const { room, enforcer, backEnd, clock, desk, troubles } = begun()
  const counted = (droppedPackets: number, unmeasuredPackets: number) => [
    {
      ...({ profile: 'web', countermeasure: 'source-limit' } as const),
      counters: {
        inputPackets: droppedPackets * 2,
        droppedPackets,
        droppedBytes: droppedPackets * 100,
        unmeasuredPackets,
      },
    },
  ]
  const look = async () => {
    clock.now += 1000
    room.second()
    await settled()
  }
  await enforcer.announce(mitigationOf('a', 'source-limit'), BRIEFING)
  backEnd.counted = counted(1000, 0)
  await look()
  backEnd.counted = counted(2500, 5)
  await look()
  backEnd.counted = counted(3000, 7)
  await look()
  await look()
  assert.equal(troubles.length, 1)
  assert.match(troubles[0] ?? '', /was full for 5 packets: raise protection\.nftables\.sourcesMax/)

  const counters = desk.profile('web')?.countermeasures.find(({ name }) => name === 'source-limit')?.counters
  assert.deepEqual(
    [counters?.inputPackets, counters?.passedPackets, counters?.droppedPackets],
    [6000, 3000, 3000],
  )
  assert.match(
    room.warnings().join('\n'),
    /a set of source-limit in the protection profile web was full for 7 packets/,
  )
  const values = new Map(
    [...metricsOf(room, [room.carrying('nftables')!], 0)].map(({ name, labels, value }) => [
      `${name.replace('floodwarden_protection_', '')} ${Object.values(labels ?? {}).join(' ')}`,
      value,
    ]),
  )
  assert.deepEqual(
    [
      'dropped_packets_total web source-limit',
      'unmeasured_packets_total web source-limit',
      'needs web',
      'profile_on web nftables',
      'up nftables',
    ].map(name => values.get(name)),
    [3000, 7, 1, 1, 1],
  )
  await enforcer.withdraw(mitigationOf('a', 'source-limit'), BRIEFING)
  await look()
  const [incident] = desk.incidents()
  assert.deepEqual(
    [incident?.droppedPackets, incident?.causes, incident?.tags[0]],
    [3000, ['attack-a'], 'customer:7'],
  )
  assert.ok(incident?.endedAt !== undefined)
})

test('who is blocked again is blocked longer, in the list whose time is kept', async () => {
  const { desk, backEnd, clock } = begun()
  const block = () => desk.block({ profile: 'web', sources: ['192.0.2.9', '2001:db8:1:2::3'] }, 'uid:1000')
  await block()
  clock.now += 61_000
  const again = await block()

  assert.ok(again.kind === 'done')
  assert.deepEqual(
    again.value.map(({ source, remainingSeconds }) => `${source} ${remainingSeconds}`),
    ['192.0.2.9 120', '2001:db8:1:2::/64 120'],
  )
  assert.deepEqual(
    backEnd.blocks.map(([, seconds]) => seconds),
    [60, 60, 120, 120],
  )
})

test('a backup is put back onto profiles that nobody has switched, or in their place', async () => {
  const { desk, backEnd } = begun()
  await desk.switch({ profile: 'web', countermeasure: 'acl', mode: 'on' }, 'uid:1000')
  await desk.switch({ profile: 'web', mode: 'on' }, 'uid:1000')
  const backup = structuredClone(desk.backup())
  await desk.switch({ profile: 'web', mode: 'off' }, 'uid:1000')

  const refused = await desk.restore(backup, false, 'uid:1000')
  assert.equal(refused.kind === 'refused' && refused.code, 'not-clean')
  const done = await desk.restore(backup, true, 'uid:1000')
  assert.ok(done.kind === 'done')
  assert.equal(backEnd.held, 'web temporary-blacklist acl')
})

test('a preview shows what an order would come to, and changes nothing', async () => {
  const { desk, backEnd } = begun()
  const shown = await desk.preview({ profile: 'web', countermeasure: 'acl', mode: 'on' })

  assert.deepEqual(shown, { kind: 'done', value: { text: 'web temporary-blacklist acl\n' }, notes: [] })
  await settled()
  assert.equal(backEnd.held, 'web off')
})

test('the closest profile whose traffic a packet is answers for it; without a default one that is told', () => {
  const inventory = {
    customers: [
      {
        ...{
          id: 'c7',
          prefixes: ['10.0.0.0/24'],
          services: [{ id: 'shop', allowedPorts: { tcp: [80, '440-443'] } }],
        },
        assets: [{ prefix: '10.0.0.4-10.0.0.5', service: 'shop' }],
      },
    ],
  }
  const written = {
    ...{ ...WRITTEN, inventory },
    protection: { profiles: { ...WRITTEN.protection.profiles, shop: { services: ['shop'] } } },
  }
  const { desk, room } = begun(written)
  const at = (target: string, targetPort: number) => desk.profileFor({ target, protocol: 6, targetPort })?.id

  assert.deepEqual(
    [at('10.0.0.4', 442), at('10.0.0.4', 25), at('10.0.0.6', 80), at('10.9.0.1', 80)],
    ['shop', 'web', 'web', undefined],
  )
  assert.deepEqual(room.profile('shop')?.traffic, [
    'destination 10.0.0.4/31 protocol =tcp destination-port =80,>=440&<=443',
  ])
  assert.match(desk.status().warnings.join(), /there is no general protection/)
})

test('what a threshold kept on too long ago is measured anew by the next run', async () => {
  const threshold = { on: 1000, off: 400, history: 1, severity: 1 }
  const written = profileWith({}, { acl: { ...WEB.countermeasures.acl, threshold } })
  const first = begun(written)
  first.traffic.now = { packets: 2000, bits: 0 }
  first.room.second()
  await settled()
  first.room.second()

  const next = roomOf(written, first.backEnd)
  next.clock.now = first.clock.now + 86_400_000
  next.traffic.now = { packets: 2000, bits: 0 }
  next.room.adopt(first.kept.get(PROTECTION_KEY))
  next.room.arm(true)
  next.room.begin()
  await settled()
  assert.equal(next.backEnd.held, 'web off')
  next.room.second()
  await settled()

  assert.equal(next.backEnd.held, 'web temporary-blacklist acl')
})

test('of a profile that is no longer configured no incident goes on, and no backup tells', async () => {
  const { room, enforcer, desk, reload } = begun()
  await enforcer.announce(mitigationOf('a', 'acl'), BRIEFING)
  await desk.switch({ profile: 'web', mode: 'on' }, 'uid:1000')
  room.second()
  assert.equal(desk.incidents()[0]?.endedAt, undefined)

  reload({ ...WRITTEN, protection: {} })
  room.second()

  assert.ok(desk.incidents()[0]?.endedAt !== undefined)
  assert.deepEqual(desk.backup().switches, [])
  assert.equal((await desk.restore(desk.backup(), true, 'uid:1000')).kind, 'done')
})

test('counters outlive a reading that fails, and are gone when nothing is armed', async () => {
  const { room, backEnd, clock, desk } = begun()
  const counters = { inputPackets: 10, droppedPackets: 4, droppedBytes: 400 }
  backEnd.counted = [{ profile: 'web', countermeasure: 'acl', counters }]
  const dropped = () =>
    desk.profile('web')?.countermeasures.find(({ name }) => name === 'acl')?.counters?.droppedPackets
  const look = async () => {
    clock.now += 1000
    room.second()
    await settled()
  }

  await look()
  backEnd.countFailure = 'nft does not answer'
  await look()
  assert.equal(dropped(), 4)
  room.arm(false)

  assert.equal(dropped(), undefined)
})

test('a comparison with what is wanted forgets nothing of the attacks that need it', async () => {
  const { room, enforcer } = begun()
  await enforcer.announce(mitigationOf('a', 'acl'), BRIEFING)
  const before = room.holders.need('a')
  await enforcer.reconcile?.([mitigationOf('a', 'acl')])

  assert.ok(before !== undefined && before.tags.length > 0 && before.protocol !== undefined)
  assert.deepEqual(room.holders.need('a'), before)
})
