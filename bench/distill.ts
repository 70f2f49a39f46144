// Rules distilled from labelled mixtures: how much of a flood they take and how much of what is honest, and how long it takes.
//
// Trained on a sample of the first second, judged by the labels of the ten that follow (lab/mixture), beside the rules a person
// would write who knows the flood, and beside the one rule DDPS's algorithm makes. Gates hold for all cases and seeds.

import { distill } from '#5-evidence/distill/distill.ts'
import { distillDdps } from '#compat/ddps/distill/distill-ddps.ts'
import { assert } from '#lib/assert.ts'
import { printRule } from '#lib/flowspec/print.ts'
import { ruleByHand } from '../lab/mixture/by-hand.ts'
import type { Case } from '../lab/mixture/case.ts'
import { CASES } from '../lab/mixture/cases.ts'
import { floodOf, type Honest, honestOf } from '../lab/mixture/labelled.ts'
import type { ServerName } from '../lab/mixture/servers.ts'
import { inputOf, isMet, judge, type Outcome, runTrial, USUAL } from '../lab/mixture/trial.ts'
import { printLooseTable } from './distill-loose.ts'
import { atMost, type Gate, printGates } from './gate.ts'
import { benchOptions } from './options.ts'
import { median, nanosOf, threadMillisEach } from './statistics.ts'
import { type Cell, printTable } from './table.ts'

const { quick } = benchOptions()
const SEEDS = quick ? [1] : [1, 2, 3, 4, 5]
const LAST_SEED = SEEDS.at(-1) ?? 1
const FLOOD_PACKETS = quick ? 5000 : 20_000
const SIZE = { calm: USUAL.calm, perSecond: quick ? 2000 : 10_500, seconds: 10 }
const TIMED_RUNS = quick ? 3 : 7
const TIME_MS = 20

/** Milliseconds, by the processor on average, and by the clock. */
interface Times {
  readonly processor: number
  readonly runs: readonly number[]
}

type Shares = Pick<Outcome, 'attack' | 'honest'>

interface Result {
  readonly one: Case
  readonly outcomes: readonly Outcome[]
  /** Of the last seed, whose honest traffic is at hand. */
  readonly byHand: Shares | undefined
  readonly ddps: Shares
  readonly times: Times
}

/** Honest traffic of one seed at a time: that of all would fill the memory. */
class HonestShelf {
  #seed = 0
  readonly #made = new Map<ServerName, Honest>()

  at(server: ServerName, seed: number): Honest {
    if (seed !== this.#seed) this.#made.clear()
    this.#seed = seed
    const honest = this.#made.get(server) ?? honestOf(server, seed, SIZE)
    this.#made.set(server, honest)
    return honest
  }
}

const shelf = new HonestShelf()

/** By case, the outcomes of all seeds, then the times: code is warm by then, as it is not in a daemon's first attack. */
function trials(): Result[] {
  const outcomes = CASES.map((): Outcome[] => [])
  for (const seed of SEEDS) {
    for (const [at, one] of CASES.entries())
      outcomes[at]?.push(runTrial(distill, one, shelf.at(one.on, seed), { seed, packets: FLOOD_PACKETS }))
  }
  return CASES.map((one, at) => ({
    one,
    outcomes: outcomes[at] ?? [],
    times: timesOf(one, TIMED_RUNS),
    byHand: byHandOf(one),
    ddps: runTrial(distillDdps, one, shelf.at(one.on, LAST_SEED), {
      seed: LAST_SEED,
      packets: FLOOD_PACKETS,
    }),
  }))
}

function timesOf(one: Case, count: number): Times {
  const input = inputOf(one, shelf.at(one.on, LAST_SEED), floodOf(one, LAST_SEED, 0), LAST_SEED, USUAL)
  const runs: number[] = []
  const processor = threadMillisEach(count, () => {
    runs.push(nanosOf(() => distill(input)) / 1e6)
  })
  return { processor, runs }
}

function byHandOf(one: Case): Result['byHand'] {
  if (one.kind !== 'separable' && one.kind !== 'two') return undefined
  const rules = one.byHand.map(ruleByHand)
  return judge(rules, shelf.at(one.on, LAST_SEED), floodOf(one, LAST_SEED, FLOOD_PACKETS))
}

const percent = (share: number, digits = 2): string => (100 * share).toFixed(digits)

const both = ({ attack, honest }: Shares): string => `${percent(attack)} / ${percent(honest)}`

function rowOf({ one, outcomes, byHand, ddps, times }: Result): Cell[] {
  const answers = [...new Set(outcomes.map(({ kind }) => kind))].join(', ')
  const met = outcomes.filter(outcome => isMet(one.kind, outcome)).length
  const emitted = outcomes.some(({ rules }) => rules > 0)
  return [
    one.name,
    one.on,
    answers,
    emitted ? percent(Math.min(...outcomes.map(({ attack }) => attack))) : '-',
    emitted ? percent(Math.max(...outcomes.map(({ honest }) => honest)), 3) : '-',
    Math.max(...outcomes.map(({ rules }) => rules)),
    byHand === undefined ? '-' : both(byHand),
    both(ddps),
    times.processor,
    median(times.runs),
    Math.max(...times.runs),
    one.kind === 'loose' ? '-' : `${met} of ${outcomes.length}`,
  ]
}

const CLASSES = [
  { kind: 'separable', title: 'one vector that FlowSpec can tell' },
  { kind: 'two', title: 'two vectors at once' },
  { kind: 'inseparable', title: 'what FlowSpec cannot tell: the right answer is inseparable' },
  { kind: 'loose', title: 'a matter of opinion, no gate' },
] as const satisfies readonly { kind: Case['kind']; title: string }[]

function gateOf(results: readonly Result[], kind: Case['kind'], what: string): Gate {
  const ofKind = results.filter(({ one }) => one.kind === kind)
  const met = ofKind.filter(({ one, outcomes }) => outcomes.every(outcome => isMet(one.kind, outcome)))
  return {
    what: `${what}, in all ${SEEDS.length} seeds`,
    measured: `${met.length} of ${ofKind.length} cases`,
    isMet: met.length === ofKind.length,
  }
}

const [first] = CASES
assert(first !== undefined, 'there are cases')
const cold = timesOf(first, 1)
const results = trials()
for (const { kind, title } of CLASSES) {
  printTable(
    `${title}; worst of ${SEEDS.length} seeds, ${SIZE.perSecond * SIZE.seconds} honest packets each`,
    [
      'vector',
      'server',
      'answer',
      'attack %',
      'honest %',
      'rules',
      'by hand %',
      'DDPS %',
      'CPU ms',
      'median ms',
      'most ms',
      'met',
    ],
    results.filter(({ one }) => one.kind === kind).map(rowOf),
  )
}
printTable(
  'rules for the first seed',
  ['vector', 'server', 'rule'],
  results.flatMap(({ one, outcomes }) => {
    const distilled = outcomes[0]?.distilled
    if (distilled?.kind !== 'rules') return []
    return distilled.rules.map(({ rule }): Cell[] => [one.name, one.on, printRule(rule)])
  }),
)
printLooseTable(distill, {
  packets: quick ? 1000 : 5000,
  perSecond: quick ? 1000 : 3000,
  cases: CASES.filter((_, at) => !quick || at % 8 === 0),
  floods: quick ? 20 : 300,
  seeds: quick ? [21] : Array.from({ length: 10 }, (_, at) => 21 + at),
})
const processors = results.map(({ times }) => times.processor)
const runs = results.flatMap(({ times }) => times.runs)
printTable(
  'time to distil 1,000 samples against 10,000 calm ones, in milliseconds',
  ['', 'CPU ms', 'clock ms'],
  [
    ['median of all cases', median(processors), median(runs)],
    [
      'the slowest case',
      Math.max(...processors),
      Math.max(...results.map(({ times }) => median(times.runs))),
    ],
    ['the slowest run of all', '-', Math.max(...runs)],
    [`the first in a process: ${first.name}`, cold.processor, ...cold.runs],
  ],
)
printGates([
  gateOf(results, 'separable', 'one vector: 99 % of it and 0.1 % of honest packets with 3 rules'),
  gateOf(results, 'two', 'two vectors: 95 % of them and 0.5 % of honest packets with 3 rules'),
  gateOf(results, 'inseparable', 'what cannot be told: refused, and nothing discarded'),
  atMost(
    '1,000 samples against 10,000 calm ones, processor time in the slowest case',
    Math.max(...processors),
    TIME_MS,
    'ms',
  ),
])
