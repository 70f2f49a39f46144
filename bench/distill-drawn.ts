// Floods drawn at random, and the known cases in seeds that are in no gate: whether a distiller fits more than what was thought of.

import type { Distill } from '#5-evidence/distill/distillation.ts'
import { assert } from '#lib/assert.ts'
import { ruleByHand } from '../lab/mixture/by-hand.ts'
import type { Case } from '../lab/mixture/case.ts'
import { drawnFlood } from '../lab/mixture/drawn.ts'
import { floodOf, type Honest, honestOf } from '../lab/mixture/labelled.ts'
import type { ServerName } from '../lab/mixture/servers.ts'
import { GATES, judge, runTrial, USUAL } from '../lab/mixture/trial.ts'
import { type Judged, KINDS, rowOf, shortly } from './distill-row.ts'
import type { Cell } from './table.ts'

const SEED = 11

/** Of honest packets the rule that describes a flood may match so much for the flood to count as one that can be told. */
const TELLABLE_SHARE = GATES.separable.honest / 2

/** Floods drawn at random: those that one rule can tell, and the others, of which it is only asked that rules do no harm. */
export function drawnRows(
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

interface Seeds {
  readonly packets: number
  readonly perSecond: number
  readonly cases: readonly Case[]
  readonly seeds: readonly number[]
}

/** The cases in other seeds: whoever mends a distiller looks at those of the gates. */
export function otherSeedRows(distill: Distill, { packets, perSecond, cases, seeds }: Seeds): Cell[][] {
  const judged: Judged[] = []
  for (const seed of seeds) {
    const honest = new Map<ServerName, Honest>()
    for (const one of cases) {
      const size = { calm: USUAL.calm, perSecond, seconds: 10 }
      const traffic = honest.get(one.on) ?? honestOf(one.on, seed, size)
      honest.set(one.on, traffic)
      judged.push({ one, outcome: runTrial(distill, one, traffic, { seed, packets }) })
    }
  }
  return KINDS.map(kind =>
    rowOf(
      `as in the gates: ${seeds.length} other seeds`,
      kind,
      judged.filter(({ one }) => one.kind === kind),
    ),
  )
}
