// Whether the victim stays online: a resolver is flooded while its clients ask, and counted is who is answered. Without
// mitigation, with the rules that Floodwarden distils, and with a blackhole.
//
// The link to the resolver carries 4 Mbit/s, the floods are several times that. Clients are eight dnsperf, the resolver is
// unbound, the router in front of it enforces what gobgpd tells it, and Floodwarden sees its mirror port.

import { chmodSync, mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { printRule } from '#lib/flowspec/print.ts'
import { type Answered, shareOf } from '../lab/dns/askers.ts'
import type { Flood } from '../lab/flood.ts'
import { ResolverLab } from '../lab/routers/resolver-lab.ts'
import { kill } from '../lab/routers/router-lab.ts'
import type { ScenarioName } from '../lab/scenario.ts'
import { until } from '../lab/until.ts'
import { printGates } from './gate.ts'
import { benchOptions } from './options.ts'
import { printTable } from './table.ts'

const { quick } = benchOptions()
const ROUNDS = quick ? 1 : 3
const ASK_SECONDS = quick ? 1 : 5
const CALM_SECONDS = 3
const LONGEST_FLOOD_SECONDS = 60
const ANSWERED_GATE = 0.99

interface Attack {
  readonly name: string
  readonly parts: readonly (readonly [scenario: ScenarioName, rate: number])[]
  readonly isSeparable: boolean
}

const ATTACKS: readonly Attack[] = [
  { name: 'UDP of one length to port 53', parts: [['resolver-flood', 2500]], isSeparable: true },
  {
    name: 'reflected answers to port 53, fragments',
    parts: [['resolver-reflection', 2500]],
    isSeparable: true,
  },
  {
    name: 'both at once',
    parts: [
      ['resolver-flood', 1500],
      ['resolver-reflection', 1500],
    ],
    isSeparable: true,
  },
  { name: 'ordinary questions', parts: [['resolver-questions', 15_000]], isSeparable: false },
]

const DROP = { name: 'drop', actions: [{ kind: 'blackhole' }], ttlSeconds: 300 }
const PLAYBOOKS = {
  'rules, then a blackhole': [
    {
      name: 'resolver',
      steps: [
        { name: 'filter', actions: [{ kind: 'discard' }], ttlSeconds: 300 },
        { ...DROP, escalateAfter: { seconds: 300, minimumConfidence: 0.5 } },
      ],
    },
  ],
  'a blackhole at once': [{ name: 'resolver', steps: [DROP] }],
} as const
type Answer = 'nothing' | keyof typeof PLAYBOOKS

/** One round of one attack under one answer. */
interface Round {
  readonly attack: Attack
  readonly answer: Answer
  readonly clients: Answered
  /** Packets of the flood a second: at the router, and at the resolver. */
  readonly sent: number
  readonly arrived: number
  /** From the first packet of the flood at the resolver to the last one; undefined: it goes on. */
  readonly untilGoneSeconds: number | undefined
  readonly rules: readonly string[]
  readonly blackholes: number
}

async function roundOf(lab: ResolverLab, attack: Attack, answer: Answer, name: string): Promise<Round> {
  if (answer === 'nothing') return underAttack(lab, attack, answer)
  await using _daemon = await lab.startDaemon(name, PLAYBOOKS[answer])
  await lab.ask(CALM_SECONDS)
  return await underAttack(lab, attack, answer)
}

async function underAttack(lab: ResolverLab, attack: Attack, answer: Answer): Promise<Round> {
  const floods = attack.parts.map(([scenario, rate]) => lab.flood(scenario, rate, LONGEST_FLOOD_SECONDS))
  try {
    await lab.arrive('flood')
    const began = performance.now()
    const goneAt = answer === 'nothing' ? undefined : await untilGone(lab)
    const untilGoneSeconds = goneAt === undefined ? undefined : (goneAt - began) / 1000
    const asked = performance.now()
    const before = await lab.lab.counters(lab.cables.outside.to)
    const { answered, came } = await lab.during(() => lab.ask(ASK_SECONDS))
    const after = await lab.lab.counters(lab.cables.outside.to)
    const seconds = (performance.now() - asked) / 1000
    const { rules } = await lab.router.listing()
    return {
      ...{ attack, answer, clients: answered, untilGoneSeconds, rules: rules.map(printRule) },
      sent: (after.receivedPackets - before.receivedPackets - answered.asked) / seconds,
      arrived: came.flood / seconds,
      blackholes: (await lab.router.blackholes()).length,
    }
  } finally {
    await Promise.all(floods.map(ended))
  }
}

const ended = async ({ process }: Flood): Promise<void> => {
  if (process.exitCode === null) await kill(process)
}

/** The moment after which nothing of the flood came for a quarter of a second. */
async function untilGone(lab: ResolverLab): Promise<number> {
  let last = performance.now()
  let count = (await lab.arrivals.counts()).flood
  await until(async () => {
    await sleep(20)
    const now = (await lab.arrivals.counts()).flood
    if (now !== count) last = performance.now()
    count = now
    return performance.now() - last > 250 || 'the flood still arrives'
  }, 30)
  return last
}

/** Of a daemon that has ended nothing is left in the router. */
async function untilQuiet(lab: ResolverLab): Promise<void> {
  await lab.router.untilEnforced(0)
  await until(async () => (await lab.router.blackholes()).length === 0 || 'the kernel still drops it')
  await lab.answers()
}

async function allRounds(): Promise<Round[]> {
  const folder = mkdtempSync(join(tmpdir(), 'floodwarden-resolver-'))
  // unbound and its names are read by whoever it runs as, and the folder of a run of benches is only ours.
  chmodSync(folder, 0o755)
  if (process.env['TMPDIR'] === tmpdir() && basename(tmpdir()).startsWith('floodwarden-bench-'))
    chmodSync(tmpdir(), 0o711)
  await using lab = await ResolverLab.create(folder)
  await lab.established()
  await lab.answers()
  const rounds: Round[] = []
  for (let round = 0; round < ROUNDS; round++) {
    for (const attack of ATTACKS) {
      for (const answer of ['nothing', ...Object.keys(PLAYBOOKS)] as Answer[]) {
        rounds.push(await roundOf(lab, attack, answer, `state-${rounds.length}`))
        await untilQuiet(lab)
      }
    }
  }
  return rounds
}

const worst = (rounds: readonly Round[]): Round =>
  rounds.reduce((low, one) => (shareOf(one.clients) < shareOf(low.clients) ? one : low))

const rounds = await allRounds()
const of = (attack: Attack, answer: Answer) =>
  rounds.filter(round => round.attack === attack && round.answer === answer)
const answers: Answer[] = ['nothing', 'rules, then a blackhole', 'a blackhole at once']
printTable(
  `a resolver under attack, the worst of ${ROUNDS} rounds of ${ASK_SECONDS} s`,
  [
    'flood',
    'answer',
    'asked',
    'answered %',
    'latency ms',
    'flood pps',
    'arrived pps',
    'gone after s',
    'rules',
    'blackholes',
  ],
  ATTACKS.flatMap(attack =>
    answers.map(answer => {
      const round = worst(of(attack, answer))
      return [
        ...[attack.name, answer, round.clients.asked, 100 * shareOf(round.clients)],
        ...[round.clients.latency * 1000, Math.round(round.sent), Math.round(round.arrived)],
        round.untilGoneSeconds ?? '-',
        ...[round.rules.length, round.blackholes],
      ]
    }),
  ),
)
for (const rule of new Set(rounds.flatMap(round => round.rules))) process.stdout.write(`${rule}\n`)

const guarded = (isSeparable: boolean) =>
  ATTACKS.filter(attack => attack.isSeparable === isSeparable).flatMap(attack =>
    of(attack, 'rules, then a blackhole'),
  )
const dropped = rounds.filter(({ answer }) => answer === 'a blackhole at once')
printGates([
  {
    what: 'answered under a rule, worst',
    measured: `${(100 * shareOf(worst(guarded(true)).clients)).toFixed(1)} % (at least ${100 * ANSWERED_GATE})`,
    isMet: shareOf(worst(guarded(true)).clients) >= ANSWERED_GATE,
  },
  {
    what: 'of the flood at the resolver under a rule',
    measured: `${Math.max(...guarded(true).map(({ arrived }) => arrived))} pps (none)`,
    isMet: guarded(true).every(({ arrived }) => arrived === 0),
  },
  {
    what: 'rules against ordinary questions',
    measured: `${Math.max(...guarded(false).map(({ rules }) => rules.length))} (none, a blackhole instead)`,
    isMet: guarded(false).every(({ rules, blackholes }) => rules.length === 0 && blackholes === 1),
  },
  {
    what: 'answered under a blackhole',
    measured: `${Math.max(...dropped.map(({ clients }) => clients.answered))} (none)`,
    isMet: dropped.every(({ clients }) => clients.answered === 0),
  },
])
