// From a flood to a filter and back, by the daemon: an ICMP flood is found, the profile of its victim and its ACL are on, at
// nftables on this machine for one victim and at a MITIGATOR for another; when the flood is over all is off again. In the middle the
// daemon is killed. It runs as nobody, with two capabilities.

import assert from 'node:assert/strict'
import type { ChildProcess, SpawnOptions } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, chownSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { test } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import { USER } from '#8-enforcement/mitigator/server-for-tests.ts'
import type { Protection } from '#api/contract/protection.ts'
import { ROUTES } from '#api/contract/routes.ts'
import { RunningDaemon } from '../../lab/running-daemon.ts'
import { until } from '../../lab/until.ts'
import { mayRunPrograms } from '../may-run-programs.ts'
import { AS_NOBODY, checkoutForNobody, NOBODY } from '../nobody.ts'
import { temporaryFolder } from '../temporary-folder.ts'
import { NEIGHBOUR, ProtectedLab, VICTIM } from './protected-lab.ts'

const SCRUBBED = '10.10.20.5'
const FAKE = new URL('../../lab/fake-mitigator.ts', import.meta.url).pathname
const CAPABILITIES = ['--inh-caps', '+net_admin,+net_raw', '--ambient-caps', '+net_admin,+net_raw']
const ACL = { acl: { rules: [{ verdict: 'drop', match: 'protocol =icmp' }] } }
const OTHERS =
  'table ip admin {\n  chain input {\n    type filter hook input priority 0; policy accept;\n  }\n}\n'
const LOOK_MS = 300
/** One that runs out while Floodwarden is away is taken back first when it is back: longer than all before its end. */
const BAN_SECONDS = 25

const settings = (device: string, mitigator: string) => ({
  networks: ['10.10.10.0/24', '10.10.20.0/24'],
  capture: { interfaces: [device] },
  metrics: { listen: 'off' },
  mitigation: { armed: true },
  detection: {
    ...{ banSeconds: BAN_SECONDS, holdSeconds: 1 },
    thresholds: { incoming: { packetsPerSecond: 1000 }, outgoing: {} },
  },
  protection: {
    mitigator: { server: mitigator, user: USER.username, fallbackPolicy: 1, lookup: 'off' },
    profiles: {
      local: { isDefault: true, prefixes: [VICTIM], countermeasures: ACL },
      scrubbed: { backEnd: 'mitigator', prefixes: [SCRUBBED], countermeasures: ACL },
    },
  },
  playbooks: [
    { name: 'protect', steps: [{ name: 'profile', actions: [{ kind: 'countermeasure' }], ttlSeconds: 60 }] },
  ],
})

test('an ICMP flood switches profile and ACL on, here and at a MITIGATOR, and its end switches them off', async t => {
  if (!(await mayRunPrograms(t, ['ip', 'nft', 'busybox', 'hping3', 'setpriv']))) return
  const folder = temporaryFolder(t, 0o755)
  await using lab = await ProtectedLab.create(folder)
  await lab.startServer()
  await lab.exec('gateway', ['nft', '-f', '-'], OTHERS)
  const others = await lab.exec('gateway', ['nft', '-a', 'list', 'ruleset'])
  const mitigator = await fakeAt(lab)
  const launch = await launcherFor(lab, folder, mitigator.url, await checkoutForNobody(t))
  let daemon = await launch()
  t.after(() => daemon[Symbol.asyncDispose]())
  const areOn = (isOn: boolean) => async () => standAs(isOn, await daemon.call(ROUTES.protection, {}))
  await until(areOn(false), 60)
  assert.equal(await lab.pings(VICTIM, 1), 1)
  assert.equal(
    await lab.exec('gateway', ['nft', '-a', 'list', 'ruleset']),
    others,
    'in peace nothing of ours is there',
  )

  const floods = [VICTIM, SCRUBBED].map(target => flood(lab, target))
  await until(areOn(true), 60)
  await lab.count('icmp', `ip daddr ${VICTIM} icmp type echo-request`)
  await delay(LOOK_MS)
  const neighbour = await lab.pings(NEIGHBOUR, 3)
  const connected = await lab.connects(1)
  const { profiles } = await daemon.call(ROUTES.protection, {})
  const arrived = await lab.counted('icmp')

  assert.deepEqual([neighbour, connected, arrived], [3, 1, 0])
  assert.deepEqual(
    profiles[0]?.holders.map(({ by, target }) => `${by} ${target}`),
    [`attack ${VICTIM}`],
  )
  await until(async () => mitigator.isAll(true) || mitigator.changes().join(), 60)

  await daemon.stop('SIGKILL')
  await lab.exec('gateway', ['nft', 'add rule inet floodwarden_protect m/judge counter'])
  await delay(LOOK_MS)
  assert.equal(await lab.counted('icmp'), 0, 'the kernel goes on without us')
  daemon = await launch()
  await until(areOn(true), 60)
  await until(async () => {
    const judge = await lab.exec('gateway', ['nft', 'list chain inet floodwarden_protect m/judge'])
    return !/^\s*counter packets/m.test(judge) || 'what somebody put into our table is still there'
  })
  await lab.count('again', `ip daddr ${VICTIM} icmp type echo-request`)
  await delay(LOOK_MS)
  assert.equal(await lab.counted('again'), 0)
  await until(async () => mitigator.isAll(true) || mitigator.changes().join(), 60)

  for (const { process } of floods) process.kill()
  await until(areOn(false), 60)
  await until(async () => mitigator.isAll(false) || mitigator.changes().join(), 60)
  assert.equal(await lab.exec('gateway', ['nft', '-a', 'list', 'ruleset']), others)
  assert.equal(await lab.pings(VICTIM, 1), 1)
  // The policy is the last to go: nothing of it is ever on without what it has.
  assert.deepEqual(mitigator.changes().slice(-2), [
    'PUT acl/switch?policy=1 false',
    'PUT toggle/switch?policy=1 false',
  ])
  // Incidents are followed once a second.
  await until(async () => {
    const { incidents } = await daemon.call(ROUTES.protectionIncidents, { profile: 'local' })
    const [local] = incidents
    const isTold = local?.endedAt !== undefined && local.droppedPackets > 1000
    return isTold || JSON.stringify(incidents)
  })
})

function standAs(isOn: boolean, { profiles }: Protection): true | string {
  const told = profiles.map(one => `${one.id} ${one.isOn ? 'on' : 'off'} ${one.carried} ${one.problems}`)
  return told.every(text => text.includes(isOn ? ' on in-place' : ' off in-place')) || told.join()
}

/** As hping3 does it: 5000 echo requests a second. */
function flood(lab: ProtectedLab, target: string): { readonly process: ChildProcess } {
  return {
    process: lab.spawn('attacker', ['hping3', '--icmp', '-q', '-i', 'u200', target], { stdio: 'ignore' }),
  }
}

async function fakeAt(lab: ProtectedLab) {
  const child = lab.spawn('gateway', [process.execPath, FAKE], { stdio: ['ignore', 'pipe', 'inherit'] })
  assert.ok(child.stdout)
  const lines: string[] = []
  const reader = createInterface({ input: child.stdout })
  const [url] = await once(reader, 'line')
  reader.on('line', line => lines.push(line))
  const changes = (): string[] => lines.map(line => line.replace(/^\d+ /, ''))
  /** Whether policy and ACL both stand so; what was asked is told a moment after it was answered. */
  const isAll = (isOn: boolean): boolean =>
    ['toggle', 'acl'].every(name =>
      changes()
        .findLast(line => line.startsWith(`PUT ${name}/`))
        ?.endsWith(` ${isOn}`),
    )
  return { url: String(url), changes, isAll }
}

async function launcherFor(lab: ProtectedLab, folder: string, mitigator: string, checkout: string) {
  const state = join(folder, 'state')
  mkdirSync(state)
  chownSync(state, NOBODY, NOBODY)
  const config = join(folder, 'config.yaml')
  writeFileSync(config, JSON.stringify(settings(lab.gatewayOutside, mitigator)))
  chmodSync(config, 0o644)
  return () =>
    RunningDaemon.start({
      ...{ state, words: ['--config', config], launcher: [join(checkout, 'floodwarden')] },
      environment: { FLOODWARDEN_MITIGATOR_PASSWORD: USER.password },
      spawn: (argv: readonly string[], options: SpawnOptions) =>
        lab.spawn('gateway', [...AS_NOBODY, ...CAPABILITIES, ...argv], options),
    })
}
