// FlowSpec from end to end: rules that are announced stand in the tables of real routers exactly as they were meant, and a
// router that enforces them drops the flood and nothing else.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { canonical } from '#lib/flowspec/canonical.ts'
import { parseRule } from '#lib/flowspec/parse.ts'
import { printRule } from '#lib/flowspec/print.ts'
import { type Flood, startFlood } from '../../lab/flood.ts'
import { detectorPlan } from '../../lab/routers/armed-detector.ts'
import { Arrivals } from '../../lab/routers/arrivals.ts'
import { FlowLab } from '../../lab/routers/flow-lab.ts'
import { kill } from '../../lab/routers/router-lab.ts'
import { VICTIM } from '../../lab/routers/topology.ts'
import { RunningDaemon } from '../../lab/running-daemon.ts'
import { until } from '../../lab/until.ts'
import { mayRunPrograms } from '../may-run-programs.ts'
import { temporaryFolder } from '../temporary-folder.ts'
import { EVERYTHING } from './flowspec-everything.ts'

/** Answers of open resolvers and their fragments; over IPv6 UDP. What is left is a web server's traffic. */
const FLOOD = [
  `destination ${VICTIM.ipv4}/32 source 198.18.16.0/22 protocol =udp source-port =53 then discard`,
  `destination ${VICTIM.ipv4}/32 source 198.18.16.0/22 fragment is-fragment then discard`,
  `destination ${VICTIM.ipv6}/128 protocol =udp destination-port >=80&<=443 then discard`,
]
const IN_BIRD = [
  [
    `flow4 { dst ${VICTIM.ipv4}/32; src 198.18.16.0/22; fragment is_fragment; }`,
    '(generic, 0x80060000, 0x0)',
  ],
  [`flow4 { dst ${VICTIM.ipv4}/32; src 198.18.16.0/22; proto 17; sport 53; }`, '(generic, 0x80060000, 0x0)'],
  [`flow6 { dst ${VICTIM.ipv6}/128; next header 17; dport 80..443; }`, '(generic, 0x80060000, 0x0)'],
]
const FLOOD_RATE = 4000
const CALM_RATE = 200
const ALL_SECONDS = 120
const LOOK_MILLISECONDS = 500
/** Of one packet of the flood, without its Ethernet header. */
const IP_BYTES = 1386

test('a rule drops the flood and nothing else, and stands in every router as it was meant', async t => {
  if (!(await mayRunPrograms(t, ['gobgpd', 'bird', 'vtysh', 'nft']))) return
  const folder = temporaryFolder(t, 0o755)
  await using lab = await FlowLab.create(folder)
  const { victim, floods } = await startTraffic(lab)
  await lab.established()
  const look = () => victim.during(() => sleep(LOOK_MILLISECONDS))

  const unguarded = await look()
  await announce(lab, FLOOD)
  await untilEnforced(lab, FLOOD.length)
  const guarded = await look()
  await assertTables(lab)

  await withdraw(lab, FLOOD)
  await untilEnforced(lab, 0)
  const released = await look()
  t.diagnostic(JSON.stringify({ unguarded, guarded, released }))

  for (const open of [unguarded, released]) {
    assert.ok(open.flood4 > FLOOD_RATE / 8 && open.fragments4 > FLOOD_RATE / 16, JSON.stringify(open))
    assert.ok(open.flood6 > FLOOD_RATE / 4, JSON.stringify(open))
  }
  assert.deepEqual([guarded.flood4, guarded.fragments4, guarded.flood6], [0, 0, 0])
  for (const { rest4, rest6 } of [unguarded, guarded, released])
    assert.ok(rest4 > CALM_RATE / 4 && rest6 > CALM_RATE / 4, `${rest4} and ${rest6} of the rest`)
  assert.deepEqual(await lab.bird.flows(), [])

  await assertEverything(lab)
  await assertRates(lab, victim)
  t.diagnostic(JSON.stringify(await assertFloodwarden({ lab, victim, floods, folder })))

  // A router that loses its BGP enforces nothing any more.
  await announce(lab, FLOOD)
  await untilEnforced(lab, FLOOD.length)
  await kill(lab.router.gobgpd)
  await untilEnforced(lab, 0)
})

type Kind = 'flood4' | 'fragments4' | 'rest4' | 'flood6' | 'rest6'

interface Traffic {
  readonly victim: Arrivals<Kind>
  readonly floods: readonly Flood[]
}

/** Floods and legitimate traffic to one host over both families, and what counts them where they arrive. */
async function startTraffic({ lab, cables }: FlowLab): Promise<Traffic> {
  const send = (scenario: Parameters<typeof startFlood>[2]['scenario'], target: string, rate: number) =>
    startFlood(lab, cables.outside, { scenario, target, rate, seconds: ALL_SECONDS, targetMac: 'peer' })
  const floods = [
    send('dns-amplification', VICTIM.ipv4, FLOOD_RATE),
    send('ipv6-udp-flood', VICTIM.ipv6, FLOOD_RATE),
  ]
  send('udp-flood', VICTIM.ipv4, CALM_RATE)
  send('ipv6-syn-flood', VICTIM.ipv6, CALM_RATE)
  const victim = await Arrivals.at<Kind>(lab, 'victim', {
    flood4: `ip daddr ${VICTIM.ipv4} ip frag-off & 0x1fff == 0 udp sport 53`,
    fragments4: `ip daddr ${VICTIM.ipv4} ip frag-off & 0x1fff != 0`,
    rest4: `ip daddr ${VICTIM.ipv4} ip frag-off & 0x1fff == 0 udp dport 80`,
    flood6: `ip6 daddr ${VICTIM.ipv6} meta l4proto udp`,
    rest6: `ip6 daddr ${VICTIM.ipv6} meta l4proto tcp`,
  })
  await until(async () => {
    const missing = Object.entries(await victim.counts()).filter(([, packets]) => packets === 0)
    return missing.length === 0 || `nothing arrives of ${missing.map(([kind]) => kind)}`
  })
  return { victim, floods }
}

/** Whoever announces: a client of the lab. */
const announce = (lab: FlowLab, rules: readonly string[]) => lab.announcer.announce(rules)
const withdraw = (lab: FlowLab, rules: readonly string[]) => lab.announcer.withdraw(rules)

const untilEnforced = (lab: FlowLab, rules: number): Promise<void> => lab.router.untilEnforced(rules)

/** The discards in the words of each router. */
async function assertTables(lab: FlowLab): Promise<void> {
  await until(async () => (await lab.bird.flows()).length === FLOOD.length || 'BIRD has not heard all')
  const inBird = await lab.bird.flows()
  assert.deepEqual(
    inBird.map(({ flow, communities }) => [flow, communities]),
    IN_BIRD,
  )

  await until(async () => /srcp|Source Port/.test(await lab.frr.flows(4)) || 'FRR has not heard all')
  const [frr4, frr6] = await Promise.all([lab.frr.flows(4), lab.frr.flows(6)])
  assert.equal(frr4.match(/Destination Address 203\.0\.113\.10\/32/g)?.length, 2, frr4)
  assert.match(frr4, /IP Protocol\s+= 17 \n?\s*Source Port\s+= 53/)
  assert.equal((frr4 + frr6).match(/FS:rate 0\.000000/g)?.length, FLOOD.length, frr4 + frr6)
  assert.match(frr6, /Destination Port\s+>= 80 , <= 443/)

  const [router4, router6] = await Promise.all([lab.router.rules(4), lab.router.rules(6)])
  assert.ok(
    router4.includes(
      '[destination: 203.0.113.10/32][source: 198.18.16.0/22][protocol: ==udp][source-port: ==53]',
    ),
  )
  assert.ok(
    router4.includes('[destination: 203.0.113.10/32][source: 198.18.16.0/22][fragment: =is-fragment]'),
    router4,
  )
  assert.ok(
    router6.includes(`[destination: ${VICTIM.ipv6}/128/0][protocol: ==udp][destination-port: >=80&<=443]`),
  )
  assert.equal((router4 + router6).match(/\[discard\]/g)?.length, FLOOD.length, router4 + router6)
}

/** Every component and action, read back in BIRD's words and from the listing of the second GoBGP. */
async function assertEverything(lab: FlowLab): Promise<void> {
  const rules = EVERYTHING.map(({ rule }) => rule)
  await announce(lab, rules)
  await until(async () => (await lab.bird.flows()).length === rules.length || 'BIRD has not heard all')
  await untilEnforced(lab, rules.length)

  const inBird = await lab.bird.flows()
  assert.deepEqual(
    inBird.map(({ flow, communities }) => `${flow} ${communities}`),
    EVERYTHING.map(({ flow, communities }) => `${flow} ${communities}`).sort(),
  )
  const { rules: listed, problems } = await lab.router.listing()
  const isFollowed = (text: string) => !text.includes('redirect')
  assert.deepEqual(
    listed
      .map(rule => printRule(canonical(rule)))
      .filter(text => text.includes('then'))
      .sort(),
    rules.filter(isFollowed).map(canonicalText).sort(),
  )
  assert.equal(problems.length, 1, 'the redirect is told')
  await withdraw(lab, rules)
  await untilEnforced(lab, 0)
}

function canonicalText(text: string): string {
  const parsed = parseRule(text)
  assert.ok(parsed.kind === 'parsed', text)
  return printRule(canonical(parsed.value))
}

const PLAYBOOKS = [{ name: 'rules', steps: [{ name: 'discard', actions: [{ kind: 'discard' }] }] }]

/** The same by Floodwarden itself, from the mirror port to the end of the floods. Gives back what arrived meanwhile. */
async function assertFloodwarden({
  lab,
  victim,
  floods,
  folder,
}: Traffic & { readonly lab: FlowLab; readonly folder: string }): Promise<object> {
  const plan = detectorPlan(lab, { folder, speaker: 'gobgp', playbooks: PLAYBOOKS })
  await using _daemon = await RunningDaemon.start(plan)
  let rules = ''
  await until(async () => {
    rules = (await lab.router.listing()).rules.map(printRule).join('; ')
    const came = await victim.during(() => sleep(100))
    const flood = came.flood4 + came.fragments4 + came.flood6
    return flood === 0 || `${flood} packets of the flood arrive, the router has ${rules}`
  })
  const guarded = await victim.during(() => sleep(LOOK_MILLISECONDS))

  assert.deepEqual([guarded.flood4, guarded.fragments4, guarded.flood6], [0, 0, 0])
  assert.ok(guarded.rest4 > CALM_RATE / 4 && guarded.rest6 > CALM_RATE / 4, JSON.stringify(guarded))
  assert.ok(
    floods.every(({ process }) => process.exitCode === null),
    'the floods go on',
  )
  await Promise.all(floods.map(flood => kill(flood.process)))
  await untilEnforced(lab, 0)
  assert.deepEqual(await lab.bird.flows(), [])
  return { rules, guarded }
}

const LIMITED_BYTES = 100_000
const LIMITED_PACKETS = 150
const MEASURED_MILLISECONDS = 1500

/** A rate in bytes over IPv4 and one in packets over IPv6: what passes is near it, and the rest passes whole. */
async function assertRates(lab: FlowLab, victim: Arrivals<Kind>): Promise<void> {
  const rules = [
    `destination ${VICTIM.ipv4}/32 protocol =udp source-port =53 then rate ${LIMITED_BYTES} bytes/s`,
    `destination ${VICTIM.ipv6}/128 protocol =udp then rate ${LIMITED_PACKETS} packets/s`,
  ]
  await announce(lab, rules)
  await untilEnforced(lab, rules.length)
  // A bucket that is full at first has to run dry.
  await sleep(1000)
  const limited = await victim.during(() => sleep(MEASURED_MILLISECONDS))

  const seconds = MEASURED_MILLISECONDS / 1000
  assertNear(limited.flood4 * IP_BYTES, LIMITED_BYTES * seconds)
  assertNear(limited.flood6, LIMITED_PACKETS * seconds)
  assert.ok(limited.rest4 > CALM_RATE / 2 && limited.rest6 > CALM_RATE / 2, JSON.stringify(limited))
  await withdraw(lab, rules)
  await untilEnforced(lab, 0)
}

const assertNear = (figure: number, wanted: number): void =>
  assert.ok(figure > wanted * 0.7 && figure < wanted * 1.4, `${figure} is far from ${wanted}`)
