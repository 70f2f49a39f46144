// What may be proposed against the attack of examples, for tests.

import type { Distilled, Share } from '#5-evidence/distill/distillation.ts'
import type { ProposedRules } from '#5-evidence/distill/proposed-rules.ts'
import { parseRule } from '#lib/flowspec/parse.ts'
import type { Distilling } from './distilled-rules.ts'

const share = (matched: number, of: number): Share => ({
  ...{ share: matched / of, low: matched / of, high: matched / of, matched, of },
})

/** Rules in our text form, each with the same figures. */
export const someRules = (...texts: string[]): Distilled => ({
  kind: 'rules',
  ...{ attack: share(996, 1000), normal: share(0, 500), alternatives: [] },
  rules: texts.map(text => {
    const parsed = parseRule(text)
    if (parsed.kind !== 'parsed') throw new Error(`${text}: ${parsed.what}`)
    return { rule: parsed.value, attack: share(996, 1000), normal: share(0, 500), because: [] }
  }),
})

export const INSEPARABLE: Distilled = {
  kind: 'inseparable',
  ...{ attack: share(990, 1000), normal: share(400, 500), alternatives: [] },
  ...{ reason: 'its packets look like those of the calm', nextAction: 'divert' },
}

export const TOO_FEW: Distilled = { kind: 'too-few', samples: 7, needed: 20 }

export const proposedOf = (distilled: Distilled, targets = ['192.0.2.1/32']): ProposedRules => ({
  ...{ at: 1_000_000, targets, distilled },
})

export const known = (distilled: Distilled, targets?: string[]): Distilling => ({
  ...{ kind: 'known', proposed: proposedOf(distilled, targets) },
})
