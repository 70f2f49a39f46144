// Protection by nftables with real packets: floods through a gateway that is protected by `floodwarden protect`.

import assert from 'node:assert/strict'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import { z } from 'zod'
import { compile } from '#8-enforcement/nftables/compile.ts'
import { HOOKS, PLACE } from '#8-enforcement/nftables/place.ts'
import { EVERYTHING, wholeProfile } from '#8-enforcement/nftables/protection-for-tests.ts'
import { printRuleset } from '#8-enforcement/nftables/ruleset.ts'
import { mustRun } from '../../lab/command.ts'
import { mayRunPrograms } from '../may-run-programs.ts'
import { NEIGHBOUR, ProtectedLab, VICTIM, VICTIM_6 } from './protected-lab.ts'

const countersSchema = z.object({
  counters: z.array(
    z.object({
      countermeasure: z.string(),
      counters: z.object({ inputPackets: z.number(), droppedPackets: z.number() }),
    }),
  ),
})
const blockedSchema = z.object({
  sources: z.array(z.object({ source: z.string(), remainingSeconds: z.number() })),
})

/** Of somebody else, and of `distill --format nftables`. */
const OTHERS = `table ip admin {
  set friends {
    type ipv4_addr
    flags timeout
    elements = { 192.0.2.77 timeout 1h }
  }
  chain input {
    type filter hook input priority 0; policy accept;
    ip saddr @friends accept
  }
  chain out {
    type nat hook postrouting priority 100; policy accept;
    ip saddr 10.99.0.0/16 masquerade
  }
}
table inet floodwarden {
  chain old {
    type filter hook forward priority 5; policy accept;
    tcp dport 9 drop
  }
}
`

test('nftables protects a server behind a gateway', { timeout: 120_000 }, async t => {
  if (!(await mayRunPrograms(t, ['ip', 'nft', 'busybox']))) return
  const folder = mkdtempSync(join(tmpdir(), 'floodwarden-protect-'))
  t.after(() => rmSync(folder, { recursive: true, force: true }))
  await using lab = await ProtectedLab.create(folder)
  await lab.exec('gateway', ['nft', '-f', '-'], OTHERS)
  const others = await othersOf(lab)
  await t.test('an ICMP flood to the victim is stopped, pings to its neighbour are answered', () =>
    stopsIcmp(lab),
  )
  await t.test('in monitor mode the flood is counted and passes', () => onlyCounts(lab))
  await t.test(
    'a source above 100 packets/s is listed, one at 60 is not, and the first is free after its TTL',
    () => listsSources(lab),
  )
  await t.test('a set that is full is told aloud', () => tellsFull(lab))
  await t.test('the same for IPv6, and neighbours are found though all of ICMPv6 is dropped', () =>
    listsSources6(lab),
  )
  await t.test('behind the SYN proxy connections succeed during a SYN flood, and older ones live on', () =>
    proxiesSyns(lab),
  )
  await t.test(
    'a process that is killed in the middle leaves all or nothing, and the next puts it right',
    () => survivesKills(lab),
  )
  await t.test('everything of ours goes, and what others have is as before', () => leavesNothing(lab, others))
})

async function stopsIcmp(lab: ProtectedLab): Promise<void> {
  const profiles = webWith({ acl: { rules: [{ verdict: 'drop', match: 'protocol =icmp' }] } })
  assert.equal(await lab.pings(VICTIM, 1), 1)
  assert.match(await lab.mustProtect('apply', '--file', lab.fileOf(profiles)), /nothing was changed/)
  assert.equal(await lab.pings(VICTIM, 1), 1, 'a dry run changes nothing')
  await lab.apply(profiles)
  const before = await lab.arrived()

  const flood = lab.flood({ scenario: 'icmp-flood', target: VICTIM, rate: 50_000, seconds: 1.5 })
  const neighbour = await lab.pings(NEIGHBOUR, 8)
  const victim = await lab.pings(VICTIM, 2)
  const { sent } = await flood.sent

  assert.deepEqual([neighbour, victim], [8, 0])
  assert.ok((await lab.arrived()) - before < 100, 'of the flood nothing arrives')
  const dropped = await droppedBy(lab, 'acl')
  assert.equal(dropped, sent + 2)
}

async function onlyCounts(lab: ProtectedLab): Promise<void> {
  const rules = [{ verdict: 'drop', match: 'protocol =icmp' }]
  await lab.apply({ watched: { prefixes: [VICTIM], countermeasures: { acl: { mode: 'monitor', rules } } } })

  const answered = await lab.pings(VICTIM, 3)

  assert.equal(answered, 3)
  assert.equal(await droppedBy(lab, 'acl'), 3)
}

async function listsSources(lab: ProtectedLab): Promise<void> {
  await lab.count('fast', 'ip saddr 198.18.0.1')
  await lab.count('slow', 'ip saddr 198.18.0.2')
  await lab.apply(webWith({ 'source-limit': { packetsPerSecond: 100, ttlSeconds: 8 } }))

  const udp = { scenario: 'udp-flood', target: VICTIM } as const
  const fast = lab.flood({ ...udp, sources: '198.18.0.1/32', rate: 1000, seconds: 2 })
  const slow = lab.flood({ ...udp, sources: '198.18.0.2/32', rate: 60, seconds: 2 })
  const [{ sent: fastSent }, { sent: slowSent }] = await Promise.all([fast.sent, slow.sent])
  const listed = await blockedBy(lab)

  assert.deepEqual([fastSent, slowSent], [2000, 120])
  assert.equal(await lab.counted('slow'), 120)
  const passed = await lab.counted('fast')
  assert.ok(passed >= 100 && passed < 300, `${passed} packets of the fast source passed`)
  assert.deepEqual(
    listed.map(({ source }) => source),
    ['198.18.0.1'],
  )
  await delay((listed[0]?.remainingSeconds ?? 0) * 1000 + 1100)
  assert.deepEqual(await blockedBy(lab), [])
  await lab.flood({ ...udp, sources: '198.18.0.1/32', rate: 50, packets: 20 }).sent
  assert.equal(await lab.counted('fast'), passed + 20)
}

async function tellsFull(lab: ProtectedLab): Promise<void> {
  const profiles = webWith({ 'source-limit': { packetsPerSecond: 1, ttlSeconds: 60 } })
  await lab.mustProtect('apply', '--file', lab.fileOf(profiles, { sourcesMax: 16 }), '--yes')

  const udp = { scenario: 'udp-flood', target: VICTIM, sources: '198.18.7.0/24' } as const
  await lab.flood({ ...udp, rate: 20_000, packets: 10_000 }).sent

  assert.match(
    await lab.mustProtect('counters'),
    /16 sources listed\n {2}ALERT: a set is full: [\d,]+ packets found no room/,
  )
}

async function listsSources6(lab: ProtectedLab): Promise<void> {
  const profile = {
    prefixes: ['2001:db8:10::/64', '2001:db8:1::/64'],
    countermeasures: {
      acl: { rules: [{ verdict: 'drop', match: 'ipv6 protocol =58' }] },
      'source-limit': { packetsPerSecond: 100, ttlSeconds: 60 },
    },
  }
  await lab.apply({ six: profile })
  await lab.forgetNeighbours()
  await lab.startServer()

  assert.equal(await lab.connects(1, VICTIM_6), 1, 'neighbours find each other')
  assert.equal(await lab.pings(VICTIM_6, 1), 0)
  const udp = { scenario: 'ipv6-udp-flood', target: VICTIM_6 } as const
  await lab.flood({ ...udp, sources: '2001:db8:ffff::7/128', rate: 1000, packets: 500 }).sent
  const listed = await blockedBy(lab)
  assert.deepEqual(
    listed.map(({ source }) => source),
    ['2001:db8:ffff::/64'],
  )
}

async function proxiesSyns(lab: ProtectedLab): Promise<void> {
  const web = { web: { prefixes: [VICTIM, VICTIM_6], countermeasures: { 'syn-proxy': { ports: [80] } } } }
  const web6 = { web: { ...web.web, countermeasures: { 'syn-proxy': { ports: [80], ipv6: true } } } }
  await lab.apply({ web: { ...web.web, isOn: false } })
  const echo = await lab.connection()
  assert.equal(await echo(), 'echoed')
  await lab.count('syn', `ip daddr ${VICTIM} tcp flags & (syn|ack) == syn`)
  await lab.count('syn6', `ip6 daddr ${VICTIM_6} tcp flags & (syn|ack) == syn`)
  const refused = await lab.protect('apply', '--file', lab.fileOf(web), '--yes')
  assert.match(refused.stderr, /syn-proxy is left out.*nf_conntrack_tcp_loose=0/s)

  const applied = await lab.protect('apply', '--file', lab.fileOf(web), '--yes', '--set-kernel')
  assert.match(applied.stderr, /IPv6 is left out/)
  const flood = lab.flood({ scenario: 'syn-flood', target: VICTIM, rate: 100_000, packets: 200_000 })
  await delay(300)
  const connected = await lab.connects(10)
  const older = await echo()
  const { sent } = await flood.sent

  assert.equal(older, 'echoed')
  assert.equal(connected, 10)
  assert.equal(sent, 200_000)
  assert.equal(await lab.counted('syn'), 10, 'the server hears of whoever answered, and of nobody else')

  assert.equal(await lab.connects(1, VICTIM_6), 1, 'past the SYN proxy')
  await lab.checkByCard()
  await lab.apply(web6, '--set-kernel')
  const flood6 = lab.flood({ scenario: 'ipv6-syn-flood', target: VICTIM_6, rate: 20_000, packets: 10_000 })
  assert.equal(await lab.connects(3, VICTIM_6), 3)
  await flood6.sent
  assert.equal(await lab.counted('syn6'), 4)
}

async function survivesKills(lab: ProtectedLab): Promise<void> {
  const told = Array.from({ length: 30_000 }, (_, at) => `172.16.${at >> 8}.${at & 255}`)
  const profiles = { killed: { prefixes: [VICTIM], countermeasures: { blacklist: { prefixes: told } } } }
  await lab.apply({
    killed: { prefixes: [VICTIM], countermeasures: { blacklist: { prefixes: ['172.16.0.0'] } } },
  })
  const file = lab.fileOf(profiles)
  for (const milliseconds of [350, 550, 750]) {
    const child = lab.startProtect('apply', '--file', file, '--yes')
    await delay(milliseconds)
    child.kill('SIGKILL')
    if (child.exitCode === null && child.signalCode === null) await once(child, 'close')
    const held = await elementsOf(lab)
    assert.ok(held === 1 || held === told.length, `${held} elements`)
  }
  // Somebody meddles meanwhile.
  await lab.exec('gateway', ['nft', 'flush chain inet floodwarden_protect m/judge'])

  await lab.mustProtect('apply', '--file', file, '--yes')

  assert.equal(await elementsOf(lab), told.length)
  const judge = await lab.exec('gateway', ['nft', 'list chain inet floodwarden_protect m/judge'])
  assert.match(judge, /jump p\/killed/)
}

async function leavesNothing(lab: ProtectedLab, others: string): Promise<void> {
  assert.equal(await othersOf(lab), others)

  await lab.mustProtect('remove', '--yes')

  assert.equal(await othersOf(lab), others)
  const tables = await lab.exec('gateway', ['nft', 'list', 'tables'])
  assert.equal(tables, 'table ip admin\ntable inet floodwarden\n')
  const loose = await lab.exec('gateway', ['cat', '/proc/sys/net/netfilter/nf_conntrack_tcp_loose'])
  assert.equal(loose, '1\n')
  assert.equal(await lab.pings(VICTIM, 1), 1)
}

async function droppedBy(lab: ProtectedLab, name: string): Promise<number | undefined> {
  const { counters } = countersSchema.parse(JSON.parse(await lab.mustProtect('counters', '--json')))
  return counters.find(({ countermeasure }) => countermeasure === name)?.counters.droppedPackets
}

async function blockedBy(lab: ProtectedLab) {
  return blockedSchema.parse(JSON.parse(await lab.mustProtect('blocked', '--json'))).sources
}

test('nft takes every countermeasure at each hook, switched on and in monitor mode', async t => {
  if (!(await mayRunPrograms(t, ['nft', 'unshare']))) return
  const limit = { packetsPerSecond: 100, per: 'source-and-target', ttlSeconds: 60 } as const
  for (const hook of HOOKS)
    for (const mode of ['on', 'monitor'] as const)
      for (const parameters of [EVERYTHING, { ...EVERYTHING, 'source-limit': limit }]) {
        const place = {
          ...PLACE,
          hook,
          devices: ['lo'],
          managementPrefixes: ['192.0.2.0/24', '2001:db8::/32'],
        }
        const made = compile([wholeProfile(mode, parameters)], place)
        assert.ok(made.kind === 'compiled')
        await mustRun(['unshare', '-n', 'nft', '-f', '-'], { input: printRuleset(made.ruleset) })
      }
})

const webWith = (countermeasures: object) => ({ web: { prefixes: [VICTIM], countermeasures } })

/** Without the time that is left, which passes anyway. */
async function othersOf(lab: ProtectedLab): Promise<string> {
  const tables = [
    ['ip', 'admin'],
    ['inet', 'floodwarden'],
  ]
  const texts = await Promise.all(
    tables.map(([family = '', name = '']) =>
      lab.exec('gateway', ['nft', '-a', 'list', 'table', family, name]),
    ),
  )
  return texts.join('').replace(/ expires [0-9dhms]+/g, '')
}

async function elementsOf(lab: ProtectedLab): Promise<number> {
  const name = 'p/killed/blacklist/told/hosts4'
  const text = await lab.exec('gateway', ['nft', '-j', 'list', 'set', 'inet', 'floodwarden_protect', name])
  return text.match(/172\.16\./g)?.length ?? 0
}
