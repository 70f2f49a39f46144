// Each countermeasure with real packets of both families, at each hook: attackers and honest people at the same time.

import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import type { DesiredProfile } from '#7-mitigation/protection/profile.ts'
import { Nftables } from '#8-enforcement/nftables/driver.ts'
import { HOOKS, type Hook, PLACE } from '#8-enforcement/nftables/place.ts'
import type { ProfileCounters } from '#8-enforcement/nftables/read-back.ts'
import { mayRunPrograms } from '../may-run-programs.ts'
import { CASES, type Case, type CaseStream, MANAGEMENT } from './countermeasure-cases.ts'
import { type Family, framesOf, sourceOf, victimOf } from './crafted-traffic.ts'
import { ProtectedLab, type Seen, VICTIM, VICTIM_6 } from './protected-lab.ts'

const FAMILIES = [4, 6] as const
/** All of ICMPv6 is dropped on both sides of the gateway. */
const LINKS: DesiredProfile = {
  profile: {
    id: 'links',
    prefixes: ['2001:db8:10::/64', '2001:db8:1::/64', 'fe80::/10', 'ff00::/8'],
    parameters: { acl: { rules: [{ verdict: 'drop', match: 'ipv6 protocol =58' }] } },
  },
  ...{ isOn: true, modes: { acl: 'on' } },
}

test('each countermeasure does what it says', { timeout: 120_000 }, async t => {
  if (!(await mayRunPrograms(t, ['ip', 'nft', 'busybox']))) return
  const folder = mkdtempSync(join(tmpdir(), 'floodwarden-countermeasures-'))
  t.after(() => rmSync(folder, { recursive: true, force: true }))
  await using lab = await ProtectedLab.create(folder)
  await lab.startServer()
  for (const hook of HOOKS) await t.test(`at the hook ${hook}`, t => allAt(lab, hook, 'on', t))
  await t.test('in monitor mode all of it arrives, and is counted', t =>
    allAt(lab, 'prerouting', 'monitor', t),
  )
  await t.test('a source on the temporary blacklist is blocked by hand', () => blocksByHand(lab))
  await t.test('connection-limit lets a source have so many at the same time', () => limitsConnections(lab))
})

/** The victims of a case; the case after it has others. */
const victimFor = (at: number): number => 2 * at + 1

async function allAt(lab: ProtectedLab, hook: Hook, mode: 'on' | 'monitor', t: TestContext): Promise<void> {
  const cases = CASES.filter(one => hook !== 'forward' || one.countermeasure !== 'fragments')
  const nftables = driverAt(lab, hook)
  // Else counters would go on, and whoever is listed would stay so.
  await nftables.remove()
  const applied = await nftables.apply([...CASES.map((one, at) => desiredOf(one, at, mode)), LINKS])
  assert.ok(applied.kind === 'done', JSON.stringify(applied))
  assert.equal(applied.notes.length, CASES.length - cases.length, 'what cannot be done here is told')
  await lab.forgetNeighbours()
  assert.equal(await lab.pings(VICTIM, 1), 1)
  assert.equal(await lab.connects(1, VICTIM_6), 1, 'neighbours find each other')
  assert.equal(await lab.pings(VICTIM_6, 1), 0)
  await lab.countPairs()

  const { sent, seconds } = await lab.play([...framesOfAll(lab)])
  const seen = await lab.pairs()
  const counted = await nftables.counters()

  assert.equal(sent, [...framesOfAll(lab)].length)
  assert.ok(counted.kind === 'done')
  for (const one of cases)
    await t.test(one.name, () => {
      const at = CASES.indexOf(one)
      const arrived = checkArrived(one, at, { seen, seconds, mode })
      checkCounters(one, at, { counters: counted.counters, arrived, hook, mode })
    })
}

function driverAt(lab: ProtectedLab, hook: Hook): Nftables {
  const place = { ...PLACE, hook, managementPrefixes: MANAGEMENT, devices: lab.gatewayDevices }
  return new Nftables({ place, run: lab.nft, maySetKernel: false })
}

function desiredOf({ parameters }: Case, at: number, mode: 'on' | 'monitor'): DesiredProfile {
  const prefixes = [0, 1].flatMap(to => FAMILIES.map(family => victimOf(family, victimFor(at) + to)))
  const modes = Object.fromEntries(
    Object.keys(parameters).map(name => [name, name === 'whitelist' ? 'on' : mode]),
  )
  return { profile: { id: `case${at}`, prefixes, parameters }, isOn: true, modes }
}

function* framesOfAll(lab: ProtectedLab) {
  for (const [at, one] of CASES.entries())
    for (const family of FAMILIES)
      for (const stream of one.streams(family)) {
        const sourcesOf = victimFor(at)
        yield* framesOf(stream, family, {
          victim: sourcesOf + (stream.to ?? 0),
          sourcesOf,
          mac: lab.gatewayMac,
        })
      }
}

const sentBy = ({ packets, times }: CaseStream): number => packets.length * times

/** Gives how many of those that the countermeasure sees have arrived. */
function checkArrived(
  one: Case,
  at: number,
  { seen, seconds, mode }: { readonly seen: Seen; readonly seconds: number; readonly mode: 'on' | 'monitor' },
): number {
  let arrived = 0
  let limited = 0
  let burst = 0
  let perSecond = 0
  for (const family of FAMILIES)
    for (const stream of one.streams(family)) {
      const target = victimOf(family, victimFor(at) + (stream.to ?? 0))
      const source = sourceOf(family, victimFor(at), stream.from)
      const sources = new Set(stream.packets.map(packet => packet.source ?? source))
      const count = [...sources].reduce((sum, address) => sum + seen(address, target), 0)
      const what = `IPv${family}, stream ${stream.from}`
      if (stream.isSpared !== true) arrived += count
      if (stream.martianAt !== undefined) continue
      if (mode === 'monitor') assert.equal(count, sentBy(stream), what)
      else if (typeof stream.arrives === 'number') assert.equal(count, stream.arrives, what)
      else {
        limited += count
        burst = Math.max(burst, stream.arrives.burst)
        perSecond += stream.arrives.perSecond
        // Some of it was dropped, or the test shows nothing.
        assert.ok(count < sentBy(stream), `${what}: all of it arrived`)
      }
    }
  // Families may share a limit, or have one each.
  assert.ok(
    limited >= burst && limited <= 2 * burst + perSecond * (seconds + 1),
    `${limited} in ${seconds} s`,
  )
  return arrived
}

function checkCounters(
  { countermeasure, streams }: Case,
  at: number,
  {
    counters,
    arrived,
    hook,
    mode,
  }: {
    readonly counters: readonly ProfileCounters[]
    readonly arrived: number
    readonly hook: Hook
    readonly mode: 'on' | 'monitor'
  },
): void {
  const all = FAMILIES.flatMap(family => streams(family)).filter(
    ({ martianAt, isSpared }) => isSpared !== true && martianAt?.includes(hook) !== false,
  )
  const met = all.reduce((sum, stream) => sum + sentBy(stream), 0)
  const found = counters.find(one => one.profile === `case${at}` && one.countermeasure === countermeasure)
  assert.ok(found)
  const { inputPackets, droppedPackets } = found.counters
  if (countermeasure !== 'fragments') assert.equal(inputPackets, met)
  if (mode === 'on') assert.equal(droppedPackets, met - arrived)
  else assert.ok(droppedPackets > 0 && droppedPackets < inputPackets + met)
}

async function blocksByHand(lab: ProtectedLab): Promise<void> {
  const nftables = driverAt(lab, 'prerouting')
  const [source, source6] = FAMILIES.map(family => sourceOf(family, 1, 1))
  const parameters = { 'temporary-blacklist': { ttlSeconds: 60, isProgressive: false } }
  const profile = { id: 'web', prefixes: [victimOf(4, 1), victimOf(6, 1)], parameters }
  await nftables.apply([{ profile, isOn: true, modes: { 'temporary-blacklist': 'on' } }])

  const blocked = await nftables.block('web', [source ?? '', source6 ?? ''])
  await lab.countPairs()
  const streams = [1, 2].map(from => ({ from, packets: [UDP], times: 10, arrives: 0 }))
  const place = { victim: 1, sourcesOf: 1, mac: lab.gatewayMac }
  await lab.play(FAMILIES.flatMap(family => streams.flatMap(stream => [...framesOf(stream, family, place)])))
  const seen = await lab.pairs()

  assert.equal(blocked.kind, 'done')
  const counts = (family: Family) => [1, 2].map(from => seen(sourceOf(family, 1, from), victimOf(family, 1)))
  assert.deepEqual(
    [counts(4), counts(6)],
    [
      [0, 10],
      [0, 10],
    ],
  )
}

const UDP = { transport: { kind: 'udp', sourcePort: 2000, targetPort: 80 }, payloadBytes: 20 } as const

async function limitsConnections(lab: ProtectedLab): Promise<void> {
  const nftables = driverAt(lab, 'prerouting')
  const parameters = { 'connection-limit': { connections: 3 } }
  const profile = { id: 'web', prefixes: [VICTIM, VICTIM_6], parameters }
  await nftables.apply([{ profile, isOn: true, modes: { 'connection-limit': 'on' } }])
  const addresses = [VICTIM, VICTIM_6]
  const opened = await Promise.all(addresses.map(address => lab.opensTogether(5, address)))
  assert.deepEqual(opened, [3, 3])
  const again = await Promise.all(addresses.map(address => lab.opensTogether(3, address)))
  assert.deepEqual(again, [3, 3], 'those that are closed count no longer')
}
