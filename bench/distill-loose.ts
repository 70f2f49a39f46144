// How distilling bears less than it is meant to have: few samples, no calm ones, flow records, IPv6, no name. No gates.

import type { Distill } from '#5-evidence/distill/distillation.ts'
import { assert } from '#lib/assert.ts'
import { ruleByHand } from '../lab/mixture/by-hand.ts'
import type { Case } from '../lab/mixture/case.ts'
import { drawnFlood } from '../lab/mixture/drawn.ts'
import { amplified } from '../lab/mixture/floods.ts'
import { floodOf, type Honest, honestOf } from '../lab/mixture/labelled.ts'
import { SERVERS, type ServerName } from '../lab/mixture/servers.ts'
import { type Conditions, GATES, isMet, judge, type Outcome, runTrial, USUAL } from '../lab/mixture/trial.ts'
import { SERVICES } from '../lab/vectors/amplified.ts'
import { median } from './statistics.ts'
import { type Cell, printTable } from './table.ts'

const CONDITIONS: readonly (readonly [title: string, conditions: Conditions])[] = [
  ['as in the gates', USUAL],
  ['attack without a name', { ...USUAL, isUnnamed: true }],
  ['ports of the server known', { ...USUAL, knowsPorts: true }],
  ['half of the packets honest', { ...USUAL, share: 0.5 }],
  ['one packet in a hundred honest', { ...USUAL, share: 0.99 }],
  ['300 samples', { ...USUAL, samples: 300 }],
  ['100 samples', { ...USUAL, samples: 100 }],
  ['1,000 calm samples', { ...USUAL, calm: 1000 }],
  ['200 calm samples', { ...USUAL, calm: 200 }],
  ['no calm samples', { ...USUAL, calm: 0 }],
  ['no calm samples, ports known', { ...USUAL, calm: 0, knowsPorts: true }],
  ['sampled 1 in 1,000', { ...USUAL, weight: 1000 }],
  ['flow records: no lengths, no fragments', { ...USUAL, untold: ['packet-length', 'fragment'] }],
  ['IPv6', { ...USUAL, family: 6 }],
]

const SEED = 11
const KINDS = ['separable', 'two', 'inseparable'] as const

const SERVICE_NAMES = Object.keys(SERVICES)

/** None of these servers asks such services, but for names and the time. */
const amplifiersOn = (on: ServerName): Case[] =>
  SERVICE_NAMES.map(name => ({
    kind: 'loose',
    name: `${name}-amplification`,
    on,
    vectors: [`${name}-amplification`],
    flood: amplified(name),
    why: 'known by its port, or by its port and length',
  }))

interface Judged {
  readonly one: Case
  readonly outcome: Outcome
}

interface LooseOptions {
  readonly packets: number
  readonly perSecond: number
  readonly cases: readonly Case[]
  /** How many floods are drawn at random. */
  readonly floods: number
}

/** A row for each condition and class: in how many cases what the gates ask for is reached, and where it is not. */
export function printLooseTable(distill: Distill, { packets, perSecond, cases, floods }: LooseOptions): void {
  const honest = new Map<ServerName, Honest>()
  for (const server of Object.keys(SERVERS) as ServerName[])
    honest.set(server, honestOf(server, SEED, { calm: USUAL.calm, perSecond, seconds: 10 }))
  const judgedUnder = (conditions: Conditions, those = cases): Judged[] =>
    those.flatMap(one => {
      const traffic = honest.get(one.on)
      if (traffic === undefined) return []
      return [{ one, outcome: runTrial(distill, one, traffic, { seed: SEED, conditions, packets }) }]
    })
  const rows = CONDITIONS.flatMap(([title, conditions]) => {
    const judged = judgedUnder(conditions)
    return KINDS.map(kind =>
      rowOf(
        title,
        kind,
        judged.filter(({ one }) => one.kind === kind),
      ),
    )
  })
  for (const server of ['web', 'mail', 'game'] as const) {
    const title = `as in the gates: each of ${SERVICE_NAMES.length} amplifiers, ${SERVERS[server].title}`
    rows.push(rowOf(title, 'separable', judgedUnder(USUAL, amplifiersOn(server))))
  }
  rows.push(...drawnRows(distill, honest, { packets, floods }))
  printTable(
    'under other conditions, one seed, no gates',
    ['what is known', 'class', 'met', 'refused', 'median attack %', 'most honest %', 'not met'],
    rows,
  )
}

/** Judged by the gate of this class, whatever their own. */
function rowOf(title: string, kind: (typeof KINDS)[number], judged: readonly Judged[]): Cell[] {
  const missed = judged.filter(({ outcome }) => !isMet(kind, outcome))
  const withRules = judged.filter(({ outcome }) => outcome.kind === 'rules').map(({ outcome }) => outcome)
  const figures =
    withRules.length === 0
      ? ['-', '-']
      : [
          (100 * median(withRules.map(({ attack }) => attack))).toFixed(2),
          (100 * Math.max(...withRules.map(({ honest }) => honest))).toFixed(3),
        ]
  return [
    title,
    kind,
    `${judged.length - missed.length} of ${judged.length}`,
    judged.length - withRules.length,
    ...figures,
    missed.map(({ one, outcome }) => `${one.name} (${shortly(outcome)})`).join('; '),
  ]
}

const shortly = ({ kind, attack, honest }: Outcome): string =>
  kind === 'rules' ? `${(100 * attack).toFixed(1)} / ${(100 * honest).toFixed(2)}` : kind

/** Of honest packets the rule that describes a flood may match so much for the flood to count as one that can be told. */
const TELLABLE_SHARE = GATES.separable.honest / 2

/** Floods drawn at random: those that one rule can tell, and the others, of which it is only asked that rules do no harm. */
function drawnRows(
  distill: Distill,
  honest: ReadonlyMap<ServerName, Honest>,
  { packets, floods }: { readonly packets: number; readonly floods: number },
): Cell[][] {
  const told: Judged[] = []
  const others: Judged[] = []
  for (let seed = 1; seed <= floods; seed++) {
    const { on, flood, rule } = drawnFlood(seed)
    const traffic = honest.get(on)
    if (traffic === undefined) continue
    const one: Case = { kind: 'loose', name: rule, on, vectors: [], flood, why: 'drawn at random' }
    const shares = judge([ruleByHand(rule)], traffic, floodOf(one, SEED, 500))
    assert(shares.attack === 1, 'the rule describes the flood')
    const outcome = runTrial(distill, one, traffic, { seed: SEED, packets })
    if (shares.honest <= TELLABLE_SHARE) told.push({ one, outcome })
    else others.push({ one, outcome })
  }
  const harmless = others.filter(({ outcome }) => outcome.honest <= GATES.separable.honest)
  const [, , , ...figures] = rowOf('', 'separable', others)
  return [
    rowOf('floods drawn at random that one rule can tell', 'separable', told),
    [
      'floods drawn at random that it cannot: at most 0.1 % of honest packets',
      'separable',
      `${harmless.length} of ${others.length}`,
      ...figures.slice(0, 3),
      others
        .filter(judged => !harmless.includes(judged))
        .map(({ one, outcome }) => `${one.on} ${one.name} (${shortly(outcome)})`)
        .join('; '),
    ],
  ]
}
