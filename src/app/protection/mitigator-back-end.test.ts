import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import type { Mitigation } from '#7-mitigation/mitigation.ts'
import { MitigationLedger } from '#7-mitigation/mitigation-ledger.ts'
import { type FakeMitigator, fakeMitigator, USER } from '#8-enforcement/mitigator/server-for-tests.ts'
import { SILENT } from '#lib/log/logger.ts'
import { temporaryFolder } from '../../../test/temporary-folder.ts'
import { makeBackEnd } from './make-back-end.ts'
import { RoomDesk } from './protection-desk.ts'
import { ProtectionRoom } from './protection-room.ts'
import { BRIEFING, configOf, mitigationOf } from './room-for-tests.ts'

const ACL = { rules: [{ verdict: 'drop', match: 'protocol =icmp' }] }

async function stage(t: TestContext, profile: object = {}) {
  const [fake, folder] = [await fakeMitigator(t), temporaryFolder(t)]
  fake.policies.push({ id: 7, name: 'web' })
  const passwordFile = join(folder, 'password')
  writeFileSync(passwordFile, `${USER.password}\n`, { mode: 0o600 })
  const countermeasures = { acl: ACL, 'source-limit': { packetsPerSecond: 100 } }
  const config = configOf({
    networks: ['10.0.0.0/8'],
    protection: {
      mitigator: {
        server: fake.url,
        user: USER.username,
        passwordFile,
        retries: 0,
        checkSeconds: 3600,
        fallbackPolicy: 1,
      },
      profiles: { web: { backEnd: 'mitigator', prefixes: ['10.0.0.0/24'], countermeasures, ...profile } },
    },
  })
  const kept = new Map<string, unknown>()
  const begin = () => {
    const room = new ProtectionRoom({
      ...{
        config: () => config,
        stateDirectory: folder,
        store: new MitigationLedger(),
        log: SILENT,
        now: Date.now,
      },
      keep: (key, value) => kept.set(key, structuredClone(value)),
      ...{ trafficOf: () => Promise.resolve([]), makeBackEnd },
    })
    room.adopt(kept.get('protection'))
    room.arm(true)
    room.begin()
    t.after(() => room.stop(100))
    return { room, desk: new RoomDesk(room, Date.now), enforcer: room.enforcers[0]! }
  }
  return { fake, begin }
}

const on = (fake: FakeMitigator): string[] =>
  [...fake.stored.keys()].filter(path => fake.isOn(path)).map(path => path.replace('/switch?policy=', ' '))

const of = (id: string, countermeasure: 'acl' | 'source-limit', host: string): Mitigation => {
  const one = mitigationOf(id, countermeasure, host)
  assert.ok(one.action.kind === 'countermeasure')
  return { ...one, action: { ...one.action, enforcer: 'mitigator' } }
}
const [A, B] = [of('a', 'acl', '10.0.0.7'), of('b', 'acl', '10.0.0.8')]

test('what two victims of one policy need stays on until both have ended, and then it is as it was found', async t => {
  const { fake, begin } = await stage(t)
  fake.policyOfTarget.set('10.0.0.7', 7).set('10.0.0.8', 7)
  fake.stored.set('sorb/switch?policy=7', { switch: true })
  const { enforcer } = begin()

  assert.deepEqual(await enforcer.announce(A, BRIEFING), { kind: 'done' })
  await enforcer.announce(B, BRIEFING)
  await enforcer.announce(of('c', 'source-limit', '10.0.0.8'), BRIEFING)
  assert.deepEqual(on(fake).sort(), ['acl 7', 'sorb 7', 'toggle 7'])
  await enforcer.withdraw(A, BRIEFING)
  assert.deepEqual(on(fake).sort(), ['acl 7', 'sorb 7', 'toggle 7'])
  await enforcer.withdraw(B, BRIEFING)
  assert.deepEqual(on(fake).sort(), ['sorb 7', 'toggle 7'])
  await enforcer.withdraw(of('c', 'source-limit', '10.0.0.8'), BRIEFING)

  assert.deepEqual(on(fake), ['sorb 7'])
})

test('while it does not answer what is wanted and what is owed is kept, also over a new start', async t => {
  const { fake, begin } = await stage(t)
  const first = begin()
  await first.enforcer.announce(A, BRIEFING)
  assert.deepEqual(on(fake), ['toggle 1', 'acl 1'])

  fake.isAway = true
  const late = await first.enforcer.announce(of('c', 'source-limit', '10.0.0.7'), BRIEFING)
  assert.equal(late.kind, 'failed')
  void first.enforcer.withdraw(A, BRIEFING)
  await first.room.stop(200)
  assert.deepEqual(on(fake), ['toggle 1', 'acl 1'])

  fake.isAway = false
  const second = begin()
  await second.enforcer.reconcile?.([])
  assert.deepEqual(on(fake), [])
  assert.equal(second.room.carrying('mitigator')?.backEnd.owed(), 0)
})

test('by hand a profile goes on without an attack, in its own policy, watched as a whole and blocked', async t => {
  const { fake, begin } = await stage(t, { policy: 7 })
  const { desk, room } = begin()

  const done = await desk.switch({ profile: 'web', countermeasure: 'acl', mode: 'on' }, 'uid:1000')
  assert.equal(done.kind, 'done')
  assert.deepEqual(on(fake), [])
  await desk.switch({ profile: 'web', mode: 'on' }, 'uid:1000')
  assert.deepEqual(on(fake), ['toggle 7', 'acl 7'])
  await desk.switch({ profile: 'web', mode: 'monitor' }, 'uid:1000')
  assert.deepEqual(on(fake), ['toggle 7', 'acl 7', 'policies/monitor_mode/7'])

  room.arm(false)
  await room.changed()
  assert.deepEqual(on(fake), [])
  const refused = await desk.unblock({ profile: 'web', sources: ['192.0.2.9'] }, 'uid:1000')
  assert.equal(refused.kind === 'refused' && refused.code, 'not-possible')
})

test('a password that is wrong is told in words that have it not', async t => {
  const { fake, begin } = await stage(t)
  const password = USER.password
  fake.failures = [{ path: /users\/session/, status: 401, times: 99 }]
  const { desk, enforcer } = begin()

  const outcome = await enforcer.announce(A, BRIEFING)
  assert.equal(outcome.kind, 'failed')
  const said = JSON.stringify([outcome, desk.status(), desk.profiles()])
  assert.match(said, /401|session|password/)
  assert.ok(!said.includes(password))
})
