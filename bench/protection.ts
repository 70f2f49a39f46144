// What protection by nftables costs: packets per second that each countermeasure drops on all processors, and processor time
// for a million of them, beside an empty chain that drops; how long profiles with long lists take to be applied and removed.

import { readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { z } from 'zod'
import type { CountermeasureName } from '#6-policy/countermeasure.ts'
import type { Parameters } from '#7-mitigation/protection/profile.ts'
import { compile } from '#8-enforcement/nftables/compile.ts'
import { PLACE } from '#8-enforcement/nftables/place.ts'
import { printRuleset, REMOVAL } from '#8-enforcement/nftables/ruleset.ts'
import { assert } from '#lib/assert.ts'
import { startFlood } from '../lab/flood.ts'
import { Lab, type Link } from '../lab/namespace.ts'
import type { ScenarioName } from '../lab/scenario.ts'
import { atMost, type Gate, printGates } from './gate.ts'
import { median } from './statistics.ts'
import { type Cell, printTable } from './table.ts'

const isQuick = process.argv.includes('--quick')
const SECONDS = isQuick ? 0.5 : 1
const DROP_ROUNDS = isQuick ? 1 : 3
const ROUNDS = isQuick ? 1 : 5
const PROCESSORS = [0, 1]
const TARGET = '10.10.10.10'
const TIMES = new URL('./protection-times.ts', import.meta.url).pathname

interface Case {
  readonly what: string
  readonly scenario: ScenarioName
  /** 256 of them, so that each is far above a limit; or what the scenario has. */
  readonly sources?: string
  /** Undefined: an empty chain that drops. */
  readonly parameters?: Parameters
}

const FEW = '198.18.0.0/24'
const LISTED = `add element inet floodwarden_protect p/web/temporary-blacklist/list4 { ${Array.from({ length: 256 }, (_, at) => `198.18.0.${at}`).join(', ')} }`
const UDP = { scenario: 'udp-flood', sources: FEW } as const
const SYN = { scenario: 'syn-flood', sources: FEW } as const

const CASES: readonly Case[] = [
  { what: 'empty chain, UDP', ...UDP },
  { what: 'blacklist', ...UDP, parameters: { blacklist: { prefixes: [FEW] } } },
  {
    what: 'temporary-blacklist, sources listed',
    ...UDP,
    parameters: { 'temporary-blacklist': { ttlSeconds: 60, isProgressive: false } },
  },
  { what: 'geo', ...UDP, parameters: { geo: { verdict: 'drop', prefixes: [FEW] } } },
  { what: 'acl, one rule', ...UDP, parameters: acl(1) },
  { what: 'acl, 100 rules', ...UDP, parameters: acl(100) },
  {
    what: 'filter',
    ...UDP,
    parameters: { filter: { rules: ['protocol =udp destination-port =80 then discard'] } },
  },
  {
    what: 'source-limit, sources listed',
    ...UDP,
    parameters: { 'source-limit': { packetsPerSecond: 100, per: 'source', ttlSeconds: 60 } },
  },
  {
    what: 'source-limit, pairs listed',
    ...UDP,
    parameters: { 'source-limit': { packetsPerSecond: 100, per: 'source-and-target', ttlSeconds: 60 } },
  },
  { what: 'target-rate-limit', ...UDP, parameters: { 'target-rate-limit': { packetsPerSecond: 1 } } },
  { what: 'rate-limit', ...UDP, parameters: { 'rate-limit': { packetsPerSecond: 1 } } },
  { what: 'fragments', scenario: 'fragment-flood', parameters: { fragments: { packetsPerSecond: 0 } } },
  { what: 'empty chain, SYN', ...SYN },
  { what: 'header-sanity', ...SYN, parameters: { 'header-sanity': {} } },
  {
    what: 'connection-rate, sources listed',
    ...SYN,
    parameters: { 'connection-rate': { perSecond: 10, ttlSeconds: 60 } },
  },
  { what: 'connection-limit', ...SYN, parameters: { 'connection-limit': { connections: 1 } } },
  {
    what: 'syn-proxy, answering each',
    ...SYN,
    parameters: {
      'syn-proxy': { ports: [80], mss: 1460, windowScale: 7, timestamps: true, sackPermitted: true },
    },
  },
]

/** The last rule is the one that matches. */
function acl(rules: number): Parameters {
  const others = Array.from({ length: rules - 1 }, (_, at) => `protocol =udp destination-port =${1000 + at}`)
  return { acl: { rules: [...others, 'protocol =udp'].map(match => ({ verdict: 'drop', match })) } }
}

await using lab = await Lab.create({
  links: [
    {
      from: { role: 'attacker', addresses: ['198.51.100.1/24'] },
      to: { role: 'gateway', addresses: ['198.51.100.254/24'] },
    },
    {
      from: { role: 'gateway', addresses: ['10.10.10.1/24'] },
      to: { role: 'server', addresses: [`${TARGET}/24`] },
    },
  ],
  forwarding: ['gateway'],
  routes: { gateway: ['default via 198.51.100.1'], server: ['default via 10.10.10.1'] },
})
const [outside] = lab.links
assert(outside !== undefined, 'the lab has cables')
await measureDropping(outside)
await measureTimes()

interface Measured {
  readonly packetsPerSecond: number
  readonly secondsPerMillion: number
  readonly droppedPercent: number
}

/** Other work on the machine makes rounds slower and never faster, so the best of them is told. */
async function measureDropping(link: Link): Promise<void> {
  const startSeconds = await startingSeconds(link)
  const rows: Cell[][] = []
  let empty = Number.NaN
  for (const one of CASES) {
    const rounds: Measured[] = []
    for (let round = 0; round < DROP_ROUNDS; round++) rounds.push(await measure(link, one, startSeconds))
    const fastest = Math.max(...rounds.map(({ packetsPerSecond }) => packetsPerSecond))
    const cheapest = Math.min(...rounds.map(({ secondsPerMillion }) => secondsPerMillion))
    const dropped = Math.min(...rounds.map(({ droppedPercent }) => droppedPercent))
    if (one.parameters === undefined) empty = cheapest
    rows.push([one.what, Math.round(fastest), cheapest, cheapest / empty, dropped])
  }
  printTable(
    `Floods into ${PROCESSORS.length} processors, best of ${DROP_ROUNDS} rounds of ${SECONDS} s; the kernel makes the packets, and that is in the time`,
    ['countermeasure', 'packets/s', 'CPU s/million', 'of an empty chain', 'dropped %'],
    rows,
  )
}

async function measure(link: Link, one: Case, startSeconds: number): Promise<Measured> {
  await load(one)
  const before = childrenSeconds()
  const reports = await Promise.all(PROCESSORS.map(processor => flood(link, one, processor).sent))
  const seconds = childrenSeconds() - before - PROCESSORS.length * startSeconds
  const sent = reports.reduce((all, report) => all + report.sent, 0)
  return {
    packetsPerSecond: reports.reduce((all, { pps }) => all + pps, 0),
    secondsPerMillion: (seconds / sent) * 1e6,
    droppedPercent: await droppedShare(one, sent),
  }
}

function flood(link: Link, { scenario, sources }: Case, processor: number) {
  return startFlood(lab, link, {
    ...{ scenario, mode: 'burst', rate: 'max', seconds: SECONDS, target: TARGET },
    ...{ targetMac: 'peer', processor, seed: processor + 1 },
    ...(sources === undefined ? {} : { sources }),
  })
}

/** What a generator spends before its first packet, and a short while of packets. */
async function startingSeconds(link: Link): Promise<number> {
  const before = childrenSeconds()
  await startFlood(lab, link, { scenario: 'udp-flood', mode: 'burst', rate: 1000, packets: 100 }).sent
  return childrenSeconds() - before
}

/** Processor time of programs that were started here and have ended; proc(5), fields 16 and 17, in hundredths of a second. */
function childrenSeconds(): number {
  const [, rest = ''] = readFileSync('/proc/self/stat', 'utf8').split(') ')
  const fields = rest.split(' ').map(Number)
  return ((fields[13] ?? 0) + (fields[14] ?? 0)) / 100
}

async function load({ parameters }: Case): Promise<void> {
  const empty = `${REMOVAL}table inet floodwarden_protect {\ncounter m/all {\n}\nchain m/judge {\ntype filter hook prerouting priority -450; policy drop;\ncounter name m/all\n}\n}\n`
  if (parameters === undefined) return nft(empty)
  const modes = Object.fromEntries(
    Object.keys(parameters).map(name => [name as CountermeasureName, 'on' as const]),
  )
  const made = compile([{ profile: { id: 'web', prefixes: [TARGET], parameters }, isOn: true, modes }], PLACE)
  assert(made.kind === 'compiled', 'the profile is right')
  await nft(printRuleset(made.ruleset))
  if (parameters['temporary-blacklist'] !== undefined) await nft(`${LISTED}\n`)
  if (parameters['syn-proxy'] !== undefined)
    await lab.exec('gateway', ['sh', '-c', 'echo 0 > /proc/sys/net/netfilter/nf_conntrack_tcp_loose'])
}

async function nft(script: string): Promise<void> {
  const file = join(tmpdir(), 'ruleset.nft')
  writeFileSync(file, script)
  const { code, stderr } = await lab.exec('gateway', ['nft', '-f', file])
  assert(code === 0, stderr)
}

/** By the counter of what was dropped, or answered in place of the server. */
async function droppedShare({ parameters }: Case, sent: number): Promise<number> {
  const name = parameters === undefined ? 'm/all' : `p/web/${Object.keys(parameters)[0]}/drop`
  const { stdout } = await lab.exec('gateway', [
    'nft',
    'list',
    'counter',
    'inet',
    'floodwarden_protect',
    name,
  ])
  return (Number(/packets (\d+)/.exec(stdout)?.[1]) / sent) * 100
}

async function measureTimes(): Promise<void> {
  await nft(REMOVAL)
  const numbers = z.array(z.number())
  const timesSchema = z.object({ entries: z.number(), apply: numbers, compare: numbers, remove: numbers })
  const rows: Cell[][] = []
  const gates: Gate[] = []
  for (const [entries, applyMs, removeMs] of [
    [1, undefined, undefined],
    [10_000, 80, 40],
    [100_000, 1000, undefined],
  ] as const) {
    const { stdout, stderr } = await lab.exec(
      ...([
        'gateway',
        [process.execPath, TIMES, `${entries}`, `${ROUNDS}`],
        { timeoutMilliseconds: 120_000 },
      ] as const),
    )
    assert(stdout !== '', stderr)
    const times = timesSchema.parse(JSON.parse(stdout))
    const [apply, compare, remove] = [times.apply, times.compare, times.remove].map(median)
    const what = `${entries.toLocaleString('en-US')} entries`
    rows.push([
      what,
      apply ?? '',
      Math.max(...times.apply),
      compare ?? '',
      remove ?? '',
      Math.max(...times.remove),
    ])
    if (applyMs !== undefined)
      gates.push(atMost(`${what} applied, median`, apply ?? Number.NaN, applyMs, 'ms'))
    if (removeMs !== undefined)
      gates.push(atMost(`${what} removed, median`, remove ?? Number.NaN, removeMs, 'ms'))
  }
  printTable(
    `A profile with addresses on its blacklist, from the desired profile to the listed table; ${ROUNDS} rounds`,
    ['profile', 'applied ms', 'worst', 'found as desired ms', 'removed ms', 'worst'],
    rows,
  )
  printGates(gates)
}
