// How distilling bears less than it is meant to have: few samples, no calm ones, flow records, IPv6, no name. No gates.

import type { Distill } from '#5-evidence/distill/distillation.ts'
import type { Case } from '../lab/mixture/case.ts'
import { amplified } from '../lab/mixture/floods.ts'
import { type Honest, honestOf } from '../lab/mixture/labelled.ts'
import { SERVERS, type ServerName } from '../lab/mixture/servers.ts'
import { type Conditions, runTrial, USUAL } from '../lab/mixture/trial.ts'
import { SERVICES } from '../lab/vectors/amplified.ts'
import { drawnRows, otherSeedRows } from './distill-drawn.ts'
import { COLUMNS, type Judged, KINDS, rowOf } from './distill-row.ts'
import { printTable } from './table.ts'

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

export interface LooseOptions {
  readonly packets: number
  readonly perSecond: number
  readonly cases: readonly Case[]
  /** How many floods are drawn at random. */
  readonly floods: number
  /** Of the cases again, in no gate. */
  readonly seeds: readonly number[]
}

/** A row for each condition and class: in how many cases what the gates ask for is reached, and where it is not. */
export function printLooseTable(distill: Distill, options: LooseOptions): void {
  const { packets, perSecond, cases, floods } = options
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
  rows.push(...drawnRows(distill, honest, { packets, floods }), ...otherSeedRows(distill, options))
  printTable('under other conditions, one seed, no gates', COLUMNS, rows)
}
