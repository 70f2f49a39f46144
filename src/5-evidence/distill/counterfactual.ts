// What would have become of packets that were seen, had rules been there: the test of a rule before and while it is out.

import { matches } from '#lib/flowspec/matches.ts'
import type { ComponentType, Rule } from '#lib/flowspec/rule.ts'
import type { DistillSample, Share } from './distillation.ts'
import { wilson } from './shares.ts'

export interface Counterfactual {
  /** What would have been taken by any of the rules. */
  readonly taken: Share
  /** What would have passed, surely. */
  readonly passed: Share
  /** What may have passed or not: a rule asks what of these samples was not told. */
  readonly undecided: Share
  /** In the order of the rules, what each alone would have taken. */
  readonly byRule: readonly Share[]
}

type Verdict = 'taken' | 'passed' | 'undecided'

/** Samples count by their weight; rules of another family take nothing. */
export function counterfactual(rules: readonly Rule[], samples: readonly DistillSample[]): Counterfactual {
  const share = sharer(samples)
  const verdicts = samples.map(sample => rules.map(rule => verdictOf(rule, sample)))
  const together = verdicts.map(ofRules =>
    ofRules.includes('taken') ? 'taken' : ofRules.includes('undecided') ? 'undecided' : 'passed',
  )
  return {
    taken: share(at => together[at] === 'taken'),
    passed: share(at => together[at] === 'passed'),
    undecided: share(at => together[at] === 'undecided'),
    byRule: rules.map((_, place) => share(at => verdicts[at]?.[place] === 'taken')),
  }
}

function verdictOf(rule: Rule, { packet, untold }: DistillSample): Verdict {
  if (untold === undefined || untold.length === 0) return matches(rule, packet) ? 'taken' : 'passed'
  const isTold = (type: ComponentType) =>
    !untold.includes(type) && !(type === 'port' && hasUntoldPort(untold))
  const told = rule.components.filter(({ type }) => isTold(type))
  // What was told may already say no, whatever the rest is.
  if (!matches({ family: rule.family, components: told }, packet)) return 'passed'
  return told.length === rule.components.length ? 'taken' : 'undecided'
}

const hasUntoldPort = (untold: readonly ComponentType[]) =>
  untold.includes('source-port') || untold.includes('destination-port')

function sharer(samples: readonly DistillSample[]): (isIn: (at: number) => boolean) => Share {
  const total = samples.reduce((sum, { weight }) => sum + weight, 0)
  const squares = samples.reduce((sum, { weight }) => sum + weight * weight, 0)
  const effective = squares === 0 ? 0 : (total * total) / squares
  return isIn => {
    let [weight, matched] = [0, 0]
    for (const [at, sample] of samples.entries()) {
      if (!isIn(at)) continue
      weight += sample.weight
      matched++
    }
    const share = total === 0 ? 0 : weight / total
    return { share, ...wilson(share, effective), matched, of: samples.length }
  }
}
