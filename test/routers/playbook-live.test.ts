// A playbook from end to end: a reflection is found on the mirror port and named, its rule goes to a router that enforces it,
// what else the host gets passes; a flood that lasts is blackholed instead, and when it is over nothing is left.

import assert from 'node:assert/strict'
import type { SpawnOptions } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { ROUTES } from '#api/contract/routes.ts'
import { startFlood } from '../../lab/flood.ts'
import { Arrivals } from '../../lab/routers/arrivals.ts'
import { FlowLab } from '../../lab/routers/flow-lab.ts'
import { kill } from '../../lab/routers/router-lab.ts'
import { OUR_NETWORKS, ROUTER, VICTIM } from '../../lab/routers/topology.ts'
import { RunningDaemon } from '../../lab/running-daemon.ts'
import { until } from '../../lab/until.ts'
import { mayRunPrograms } from '../may-run-programs.ts'
import { temporaryFolder } from '../temporary-folder.ts'

const FLOOD_RATE = 4000
const CALM_RATE = 200
const LOOK_MILLISECONDS = 500
/** Longer than it takes to see the rule in three routers, one after the other. */
const ESCALATE_SECONDS = 12
/** Longer than it all takes: it ends with the lab. */
const TO_VICTIM = { target: VICTIM.ipv4, seconds: 100, targetMac: 'peer' } as const

const SETTINGS = {
  networks: OUR_NETWORKS,
  metrics: { listen: 'off' },
  mitigation: { armed: true },
  detection: {
    banSeconds: 1,
    holdSeconds: 1,
    thresholds: { incoming: { packetsPerSecond: 1000 }, outgoing: {} },
  },
  enforcement: {
    gobgp: {
      reconcileSeconds: 1,
      hostIpv4: { nextHop: ROUTER.speaker.ipv4, communities: ['65535:666', '64496:1:2'] },
    },
  },
  playbooks: [
    {
      name: 'reflections',
      match: { vectors: ['dns-amplification'] },
      steps: [
        { name: 'filter', actions: [{ kind: 'discard' }], ttlSeconds: 60 },
        {
          name: 'drop',
          actions: [{ kind: 'blackhole' }],
          ttlSeconds: 60,
          escalateAfter: { seconds: ESCALATE_SECONDS, minimumConfidence: 0.5 },
        },
      ],
    },
  ],
}

test('a reflection is filtered in the router, blackholed when it lasts, and let go when it is over', async t => {
  if (!(await mayRunPrograms(t, ['gobgpd', 'bird', 'vtysh', 'nft']))) return
  const folder = temporaryFolder(t, 0o755)
  await using flow = await FlowLab.create(folder)
  const { lab, cables } = flow
  const send = (scenario: 'udp-flood' | 'dns-amplification', rate: number) =>
    startFlood(lab, cables.outside, { ...TO_VICTIM, scenario, rate })
  send('udp-flood', CALM_RATE)
  const victim = await Arrivals.at(lab, 'victim', {
    flood: `ip daddr ${VICTIM.ipv4} udp sport 53`,
    fragments: `ip daddr ${VICTIM.ipv4} ip frag-off & 0x1fff != 0`,
    rest: `ip daddr ${VICTIM.ipv4} ip frag-off & 0x1fff == 0 udp dport 80`,
  })
  const look = () => victim.during(() => sleep(LOOK_MILLISECONDS))
  await flow.established()
  const config = join(folder, 'config.yaml')
  const capture = { interfaces: [cables.mirror.to.interface] }
  writeFileSync(config, JSON.stringify({ ...SETTINGS, capture }))
  await using daemon = await RunningDaemon.start({
    state: join(folder, 'state'),
    words: ['--config', config],
    spawn: (argv: readonly string[], options: SpawnOptions) => lab.spawn('detector', argv, options),
  })
  const held = async () => {
    const { attacks } = await daemon.call(ROUTES.attacks, {})
    return attacks.flatMap(({ mitigations }) => mitigations).map(({ action, state }) => `${action} ${state}`)
  }
  const hears = (some: boolean) => async () => {
    const flows = await flow.bird.flows()
    return flows.length > 0 === some || `${flows.length} rules in BIRD: ${(await held()).join()}`
  }
  /** All that BIRD has heard. */
  const drops = async () => {
    const jumps = (await flow.router.enforced()).filter(line => line.startsWith('jump match')).length
    return jumps === (await flow.bird.flows()).length || `${jumps} are enforced: ${(await held()).join()}`
  }

  const before = await look()
  const flood = send('dns-amplification', FLOOD_RATE)
  await until(hears(true))
  await until(drops)
  const filtered = await look()
  const rules = (await flow.bird.flows()).map(rule => rule.flow)

  await until(hears(false), 20)
  const { stdout: routes } = await lab.exec('detector', ['gobgp', 'global', 'rib'])
  const steps = await held()
  await until(
    async () => (await flow.router.blackholes()).join() === VICTIM.ipv4 || 'the kernel drops nothing',
  )
  const dropped = await look()

  await kill(flood.process)
  await until(async () => {
    const { stdout } = await lab.exec('detector', ['gobgp', 'global', 'rib'])
    return !stdout.includes(VICTIM.ipv4) || `it is still blackholed: ${(await held()).join()}`
  }, 20)
  await until(async () => (await flow.router.blackholes()).length === 0 || 'the kernel still drops it')
  t.diagnostic(JSON.stringify({ before, filtered, rules, steps, dropped }))

  assert.ok(before.rest > CALM_RATE / 8, JSON.stringify(before))
  assert.deepEqual([filtered.flood, filtered.fragments], [0, 0])
  assert.ok(filtered.rest > CALM_RATE / 8, JSON.stringify(filtered))
  for (const rule of rules) assert.match(rule, /^flow4 \{ dst 203\.0\.113\.10\/32; /)
  assert.match(routes, /203\.0\.113\.10\/32 .*blackhole.*64496:1:2/)
  assert.ok(steps.includes('blackhole announced'), steps.join())
  assert.deepEqual(dropped, { flood: 0, fragments: 0, rest: 0 })
  const { stdout: left } = await lab.exec('detector', ['gobgp', 'global', 'rib', '-a', 'ipv4-flowspec'])
  assert.match(left, /not in table/)
})
