// The gobgp enforcer and a real gobgpd: what it holds is read by gobgp's own client, too.

import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Mitigation } from '#7-mitigation/mitigation.ts'
import { routeMitigation, ruleMitigation } from '#8-enforcement/bgp/mitigation-for-tests.ts'
import { canonical } from '#lib/flowspec/canonical.ts'
import { gobgpKey } from '#lib/flowspec/gobgp.ts'
import { parseRule } from '#lib/flowspec/parse.ts'
import { GrpcClient } from '#lib/grpc/grpc-client.ts'
import { loadService, methodOf } from '#lib/grpc/proto-file.ts'
import { Random } from '../../lab/random.ts'
import type { LoneGobgpd } from '../../lab/routers/lone-gobgpd.ts'
import { temporaryFolder } from '../temporary-folder.ts'
import {
  announceAll,
  byKey,
  driverFor,
  heldBy,
  itemOf,
  ROUTES,
  rule,
  someRules,
  start,
} from './gobgp-for-tests.ts'

const WAIT_MS = 30_000

test('routes and any rules are held exactly as they were meant, marked as ours, and all of them go', async t => {
  const gobgpd = await start(t)
  if (gobgpd === undefined) return
  const driver = driverFor(t, gobgpd)
  const own = [
    routeMitigation('z4', '203.0.113.20/32', 'gobgp', { nextHop: '0.0.0.0' }),
    routeMitigation('z6', '2001:db8:113::20/128', 'gobgp', { nextHop: '::' }),
  ]
  const all = [...ROUTES, ...own, ...someRules(300)]

  await announceAll(driver, all)
  assert.deepEqual(await heldBy(driver), byKey(all.map(one => itemOf(one))))
  assert.equal((await gobgpd.rib()).size, all.length)

  await Promise.all(all.slice(0, 200).map(one => driver.withdraw(one)))
  assert.deepEqual(await heldBy(driver), byKey(all.slice(200).map(one => itemOf(one))))
  await Promise.all(all.map(one => driver.withdraw(one)))
  assert.equal((await gobgpd.rib()).size, 0)
})

test('gobgpd and its own client read what our bytes say', async t => {
  const gobgpd = await start(t)
  if (gobgpd === undefined) return
  const driver = driverFor(t, gobgpd)
  const rule =
    'destination 203.0.113.10/32 protocol =udp source-port =53 packet-length >=1000&<=1500 then rate 1000000 bytes/s as 65001, mark 10, redirect 65001:100, action sample'
  await announceAll(driver, [ROUTES[0]!, ruleMitigation('r', rule, 'gobgp')])

  const text = await gobgpd.gobgp('global', 'rib', '-a', 'ipv4-flowspec')
  assert.match(
    text,
    /\[destination: 203\.0\.113\.10\/32\]\[protocol: ==udp\]\[source-port: ==53\]\[packet-length: >=1000&<=1500\]/,
  )
  for (const part of [
    'rate: 1000000',
    'remark: 10',
    'redirect: 65001:100',
    'action: sample',
    '4200000000:18007:1',
  ])
    assert.ok(text.includes(part), `"${part}" is missing in ${text}`)
  const unicast = await gobgpd.gobgp('global', 'rib', '-a', 'ipv4')
  assert.match(unicast, /203\.0\.113\.10\/32 +192\.0\.2\.66/)
  assert.match(
    unicast,
    /Communities: 65001:666, blackhole.*LargeCommunity: \[ 65001:666:1, 4200000000:18007:1\]/,
  )
})

const PORTS = (count: number) => Array.from({ length: count }, (_, at) => `=${1000 + 2 * at}`).join()
const UNSAFE: readonly (readonly [what: string, mitigation: Mitigation, reason: RegExp])[] = [
  [
    'a value of 2^32 kills it',
    rule('destination 203.0.113.10/32 source-port =4294967296 then discard'),
    /65535/,
  ],
  ['240 octets', rule(`destination 203.0.113.10/32 port ${PORTS(78)} then discard`), /takes 241 octets/],
  ['a type twice', rule('destination 203.0.113.10/32 port =53 port =123 then discard'), /port/],
  ['a prefix that is none', rule('destination nonsense then discard'), /nonsense/],
  ['no components', rule('ipv4 then discard'), /component|match|nothing/i],
  ['a component without items', rule('destination 203.0.113.10/32 port then discard'), /port|then/],
  [
    'IPv6 in a rule of IPv4',
    rule('destination 203.0.113.10/32 source 2001:db8::1/128 then discard'),
    /IPv6|family/,
  ],
  ['/64 in a rule of IPv4', rule('destination 203.0.113.10/64 then discard'), /203\.0\.113\.10\/64/],
  ['an offset', rule('destination ::1/128 offset 64 then discard'), /offset/],
  ['no actions', rule('destination 203.0.113.10/32'), /without actions/],
  ['a route of nonsense', route('nonsense'), /is no prefix/],
  ['a route of /64', route('203.0.113.10/64'), /is no prefix/],
  ['host bits', route('203.0.113.10/24'), /bits set/],
  ['a default route', route('0.0.0.0/0'), /default route/],
  ['no next hop', route('203.0.113.10/32', ''), /next hop/],
  ['a next hop of the other family', route('203.0.113.10/32', '100::1'), /next hop/],
]

function route(prefix: string, nextHop = '192.0.2.66'): Mitigation {
  return routeMitigation('unsafe', prefix, 'gobgp', { nextHop })
}

test('what kills gobgpd or resets the sessions of routers is refused with the reason, and gobgpd lives on', async t => {
  const gobgpd = await start(t)
  if (gobgpd === undefined) return
  const driver = driverFor(t, gobgpd, { flowspecOffsets: false })
  await announceAll(driver, [ROUTES[0]!])

  for (const [what, mitigation, reason] of UNSAFE) {
    const outcome = await driver.announce(mitigation)
    assert.ok(outcome.kind === 'refused', what)
    assert.match(outcome.error, reason, what)
    assert.deepEqual(await driver.withdraw(mitigation), { kind: 'done' }, what)
  }
  // What an earlier run, or a store that somebody wrote into, holds is no way around it.
  await driver.reconcile(UNSAFE.map(([, mitigation], at) => ({ ...mitigation, id: `left-${at}` })))

  assert.deepEqual(await heldBy(driver), [itemOf(ROUTES[0]!)])
  assert.ok(gobgpd.isAlive)
  const refused = [...driver.metrics()].find(({ name }) => name === 'floodwarden_bgp_refused_as_unsafe_total')
  assert.ok((refused?.value ?? 0) >= UNSAFE.length * 2)
})

test('77 ports of two octets beside a /32 are the most gobgpd writes rightly, and are announced', async t => {
  const gobgpd = await start(t)
  if (gobgpd === undefined) return
  const driver = driverFor(t, gobgpd)
  const largest = rule(`destination 203.0.113.10/32 port ${PORTS(77)} then discard`)

  await announceAll(driver, [largest])
  assert.deepEqual(await heldBy(driver), [itemOf(largest)])
})

test('a rule that gobgpd is told directly with a value of 2^32 does kill it: the refusal is what keeps it alive', async t => {
  const gobgpd = await start(t)
  if (gobgpd === undefined) return
  const driver = driverFor(t, gobgpd)
  await announceAll(driver, [ROUTES[0]!])
  const proto = new URL('../../src/8-enforcement/gobgp/gobgp.proto', import.meta.url).pathname
  const grpc = grpcFor(t, gobgpd)
  const type = 'type.googleapis.com/apipb.'
  const rules = [{ '@type': `${type}FlowSpecComponent`, type: 6, items: [{ op: 1, value: 2 ** 32 }] }]
  const path = {
    family: { afi: 1, safi: 133 },
    nlri: { '@type': `${type}FlowSpecNLRI`, rules },
    pattrs: [
      { '@type': `${type}OriginAttribute`, origin: 0 },
      { '@type': `${type}NextHopAttribute`, next_hop: '0.0.0.0' },
    ],
  }

  await grpc.call(methodOf(loadService(proto, 'apipb.GobgpApi'), 'AddPath'), { path })
  for (let tries = 0; tries < 100 && gobgpd.isAlive; tries++) await sleep(20)
  assert.ok(!gobgpd.isAlive)
})

const START_BGP = `syntax = "proto3";
package apipb;
import "google/protobuf/empty.proto";
service GobgpApi { rpc StartBgp(StartBgpRequest) returns (google.protobuf.Empty); }
message Global { uint32 asn = 1; string router_id = 2; int32 listen_port = 3; }
message StartBgpRequest { Global global = 1; }
`

test('a StartBgp of somebody empties tables without a word; the timer finds it and all is announced again', async t => {
  const gobgpd = await start(t)
  if (gobgpd === undefined) return
  const driver = driverFor(t, gobgpd, { reconcileSeconds: 1 })
  await announceAll(driver, ROUTES)
  const proto = join(temporaryFolder(t), 'start.proto')
  writeFileSync(proto, START_BGP)
  const grpc = grpcFor(t, gobgpd)
  const global = { asn: 65_001, router_id: '10.0.3.114', listen_port: -1 }

  const reply = await grpc.call(methodOf(loadService(proto, 'apipb.GobgpApi'), 'StartBgp'), { global })
  assert.equal(reply.kind, 'ok')

  // The tables may be filled again before anybody can look: that they were empty is told by what was repaired.
  const repairs = () =>
    [...driver.metrics()].find(({ name }) => name === 'floodwarden_bgp_repairs_total')?.value ?? 0
  const endsAt = performance.now() + WAIT_MS
  while (repairs() < ROUTES.length && performance.now() < endsAt) await sleep(50)
  assert.ok(repairs() >= ROUTES.length, `${repairs()} repairs`)
  while ((await gobgpd.rib()).size < ROUTES.length && performance.now() < endsAt) await sleep(50)
  assert.deepEqual(await heldBy(driver), byKey(ROUTES.map(one => itemOf(one))))
})

function grpcFor(t: TestContext, { address }: LoneGobgpd): GrpcClient {
  const grpc = new GrpcClient({ address, deadlineMs: 3000, messageBytesMax: 1 << 20, streamMax: 10 })
  t.after(() => grpc.close())
  return grpc
}

test('kill -9 of gobgpd under adds and withdrawals: afterwards its table is exactly what is desired', async t => {
  const gobgpd = await start(t)
  if (gobgpd === undefined) return
  const driver = driverFor(t, gobgpd, { reconcileSeconds: 1 })
  const rules = Array.from({ length: 50 }, (_, at) =>
    ruleMitigation(
      `r-${at}`,
      `destination 203.0.113.${at}/32 protocol =udp source-port =53 then discard`,
      'gobgp',
    ),
  )
  const all = [
    ...Array.from({ length: 300 }, (_, at) =>
      routeMitigation(`h-${at}`, `10.1.${at >> 8}.${at & 255}/32`, 'gobgp'),
    ),
    ...rules,
  ]
  const wanted = new Set<Mitigation>()
  const answers: Promise<unknown>[] = []
  const random = new Random(11)
  let kills = 0
  const endsAt = performance.now() + WAIT_MS
  const killing = (async () => {
    for (; kills < 3; kills++) {
      await sleep(150)
      await gobgpd.kill()
      await sleep(100)
      await gobgpd.startAgain()
    }
  })()

  while (kills < 3 && performance.now() < endsAt) {
    for (let times = 0; times < 40; times++) {
      const one = all[(random.next() >>> 0) % all.length]!
      if (wanted.delete(one)) answers.push(driver.withdraw(one))
      else {
        wanted.add(one)
        answers.push(driver.announce(one))
      }
    }
    await sleep(5)
  }
  await killing
  await Promise.all(answers)

  assert.equal(kills, 3)
  const keys = [...wanted].map(({ action }) => keyInGobgpd(action)).sort()
  assert.ok(keys.length > 50, `${keys.length} are wanted in the end`)
  let held: string[] = []
  while (performance.now() < endsAt + WAIT_MS) {
    held = [...(await gobgpd.rib()).keys()].sort()
    if (held.join() === keys.join()) break
    await sleep(100)
  }
  assert.deepEqual(held, keys)
  assert.deepEqual(await heldBy(driver), byKey([...wanted].map(one => itemOf(one))))
})

function keyInGobgpd(action: Mitigation['action']): string {
  if (action.kind !== 'filter') return action.kind === 'script' ? '' : action.prefix
  const parsed = parseRule(action.rule)
  assert.ok(parsed.kind === 'parsed')
  return gobgpKey(canonical(parsed.value)) ?? ''
}
