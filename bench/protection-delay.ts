// How long a flood lasts until the profile of its victim and its ACL are on: at nftables, by what of it still arrived at the
// server; at a MITIGATOR, by when that was asked. Both from the first packet of the flood, which is more than from the crossing.

import { once } from 'node:events'
import { mkdirSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { setTimeout as delay } from 'node:timers/promises'
import { USER } from '#8-enforcement/mitigator/server-for-tests.ts'
import { ROUTES } from '#api/contract/routes.ts'
import { assert } from '#lib/assert.ts'
import { startFlood } from '../lab/flood.ts'
import { Lab, type Link } from '../lab/namespace.ts'
import { RunningDaemon } from '../lab/running-daemon.ts'
import { atMost, type Gate, printGates } from './gate.ts'
import { benchOptions } from './options.ts'
import { median } from './statistics.ts'
import { type Cell, printTable } from './table.ts'

const { quick } = benchOptions()
const LIMIT = 20_000
const ROUNDS = quick ? 2 : 7
const FLOOD_SECONDS = 2
const GATE_SECONDS = 1
const CALM_MS = 200
const LOOK_MS = 50
const ON_MS_MAX = 20_000
const OFF_MS_MAX = 60_000
const TIMES = [10, 3] as const
const FAKE = new URL('../lab/fake-mitigator.ts', import.meta.url).pathname

/** By back end: whom it protects. */
const TARGETS = { nftables: '10.10.10.10', mitigator: '10.10.10.11' } as const
type BackEnd = keyof typeof TARGETS

await using lab = await Lab.create({
  links: [
    {
      from: { role: 'attacker', addresses: ['198.51.100.1/24'] },
      to: { role: 'gateway', addresses: ['198.51.100.254/24'] },
    },
    {
      from: { role: 'gateway', addresses: ['10.10.10.1/24'] },
      to: { role: 'server', addresses: Object.values(TARGETS).map(target => `${target}/24`) },
    },
  ],
  forwarding: ['gateway'],
  routes: { gateway: ['default via 198.51.100.1'], server: ['default via 10.10.10.1'] },
})
const [outside] = lab.links
assert(outside !== undefined, 'the lab has cables')
const asked: string[] = []
const url = await mitigatorAt()
await using daemon = await start(outside, url)
const rows: Cell[][] = []
const gates: Gate[] = []
for (const backEnd of ['nftables', 'mitigator'] as const)
  for (const times of TIMES) {
    const rounds: (number | undefined)[] = []
    // The first one warms the compiler up, and is not told.
    for (let round = 0; round <= ROUNDS; round++) rounds.push(await measure(outside, backEnd, times))
    const seconds = rounds.slice(1).flatMap(one => one ?? [])
    const missed = ROUNDS - seconds.length
    const middle = missed > 0 ? Number.NaN : median(seconds)
    const told =
      seconds.length === 0 ? ['', '', ''] : [Math.min(...seconds), median(seconds), Math.max(...seconds)]
    rows.push([backEnd, `${times} x`, ...told, missed])
    gates.push(atMost(`${backEnd}, ${times} times the limit, ACL on, median`, middle, GATE_SECONDS, 's'))
  }
printTable(
  `From the first packet of an ICMP flood until profile and ACL are on, in seconds; limit ${LIMIT} packets/s, ${ROUNDS} floods each`,
  ['back end', 'flood', 'best', 'median', 'worst', 'missed'],
  rows,
)
printGates(gates)

async function mitigatorAt(): Promise<string> {
  const child = lab.spawn('gateway', [process.execPath, FAKE], { stdio: ['ignore', 'pipe', 'inherit'] })
  assert(child.stdout !== null, 'what it prints is read')
  const reader = createInterface({ input: child.stdout })
  const [first] = await once(reader, 'line')
  reader.on('line', line => asked.push(line))
  return String(first)
}

function start(link: Link, mitigator: string): Promise<RunningDaemon> {
  const acl = { countermeasures: { acl: { rules: [{ verdict: 'drop', match: 'protocol =icmp' }] } } }
  const profiles = {
    nftables: { prefixes: [TARGETS.nftables], isDefault: true, ...acl },
    mitigator: { prefixes: [TARGETS.mitigator], backEnd: 'mitigator', ...acl },
  }
  const settings = {
    networks: ['10.10.10.0/24'],
    capture: { interfaces: [link.to.interface] },
    metrics: { listen: 'off' },
    mitigation: { armed: true },
    detection: {
      ...{ banSeconds: 4, holdSeconds: 1 },
      thresholds: { incoming: { packetsPerSecond: LIMIT }, outgoing: {} },
    },
    protection: {
      mitigator: { server: mitigator, user: USER.username, fallbackPolicy: 1, lookup: 'off' },
      profiles,
    },
    playbooks: [
      {
        name: 'protect',
        steps: [{ name: 'profile', actions: [{ kind: 'countermeasure' }], ttlSeconds: 60 }],
      },
    ],
  }
  const state = join(tmpdir(), 'state')
  mkdirSync(state)
  const config = join(tmpdir(), 'config.yaml')
  writeFileSync(config, JSON.stringify(settings))
  return RunningDaemon.start({
    ...{ state, words: ['--config', config] },
    environment: { FLOODWARDEN_MITIGATOR_PASSWORD: USER.password },
    spawn: (argv, options) => lab.spawn('gateway', argv, options),
  })
}

/** `undefined`: nothing was switched on; on a machine that is very busy a flood may be smaller than the limit. */
async function measure(link: Link, backEnd: BackEnd, times: number): Promise<number | undefined> {
  const target = TARGETS[backEnd]
  assert(await stands(backEnd, false), `profile ${backEnd} is still on`)
  await delay(CALM_MS)
  await countAtServer(target)
  const before = asked.length
  const flood = startFlood(lab, link, {
    ...{ scenario: 'icmp-flood', target, rate: LIMIT * times, seconds: FLOOD_SECONDS, targetMac: 'peer' },
  })
  // On a busy machine it may come on only later, and would be on already when the next flood begins.
  const [{ pps, firstSentRealtimeNanos }, isOn] = await Promise.all([flood.sent, stands(backEnd, true)])
  if (!isOn) return undefined
  if (backEnd === 'nftables') return (await arrived()) / pps
  const line = asked.slice(before).find(text => text.endsWith('PUT acl/switch?policy=1 true'))
  return (Number(line?.split(' ')[0]) - Number(firstSentRealtimeNanos) / 1e6) / 1000
}

/** Waits until it is on, or the attack of before is over and nothing of it is left; false: in vain. */
async function stands(id: BackEnd, isOn: boolean): Promise<boolean> {
  const deadline = performance.now() + (isOn ? ON_MS_MAX : OFF_MS_MAX)
  while (performance.now() < deadline) {
    const profile = await daemon.call(ROUTES.protectionProfile, { id })
    if (profile.isOn === isOn && (isOn || profile.carried === 'in-place')) return true
    await delay(LOOK_MS)
  }
  return false
}

async function countAtServer(target: string): Promise<void> {
  const hook = 'type filter hook prerouting priority -500; policy accept;'
  const table = `table ip seen\ndelete table ip seen\ntable ip seen {\nchain seen {\n${hook}\nip daddr ${target} icmp type echo-request counter\n}\n}\n`
  const { code, stderr } = await lab.exec('server', ['nft', '-f', '-'], { input: table })
  assert(code === 0, stderr)
}

async function arrived(): Promise<number> {
  const { stdout } = await lab.exec('server', ['nft', 'list', 'table', 'ip', 'seen'])
  return Number(/packets (\d+)/.exec(stdout)?.[1])
}
