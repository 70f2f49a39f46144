// What the distiller proposes against an attack, from the first samples on until it is over.

import { printRule } from '#lib/flowspec/print.ts'
import type { Rule } from '#lib/flowspec/rule.ts'
import { type Prefix, parsePrefix } from '#lib/ip/prefix.ts'
import type { Distilled, Share } from './distillation.ts'

export interface ProposedRules {
  /** Wall clock of the samples it was made from, ms since 1970 UTC. */
  readonly at: number
  /** Destinations the rules hold for, as text; each rule names the first. Of an attack from us: whom it attacks. */
  readonly targets: readonly string[]
  readonly distilled: Distilled
  /**
   * The rules of before against the packets of now: how much of the attack they take, so that the rest would have passed.
   * Missing: there were none.
   */
  readonly before?: Share
}

/** The same rule for another target. */
export const towards = (rule: Rule, target: Prefix): Rule => ({
  ...rule,
  components: rule.components.map(component =>
    component.type === 'destination' ? { type: 'destination', prefix: target, offset: 0 } : component,
  ),
})

/** The proposed rules as text, each for each target. */
export function ruleTexts({ targets, distilled }: ProposedRules): readonly string[] {
  if (distilled.kind !== 'rules') return []
  const prefixes = targets.flatMap(text => parsePrefix(text) ?? [])
  return distilled.rules.flatMap(({ rule }) => prefixes.map(target => printRule(towards(rule, target))))
}

/** What is proposed, in one phrase. */
export function proposedText(proposed: ProposedRules): string {
  const { distilled, targets } = proposed
  switch (distilled.kind) {
    case 'rules':
      return `${distilled.rules.map(({ rule }) => printRule(rule)).join(' | ')}${othersText(targets)} (${takesText(distilled)})`
    case 'inseparable':
      return `no rule: ${distilled.reason}; worth trying instead: ${distilled.nextAction}`
    case 'too-few':
      return `no rule: ${distilled.samples} packets were seen, at least ${distilled.needed} are needed`
  }
}

const othersText = ({ length }: readonly string[]): string =>
  length > 1 ? `, and the same for ${length - 1} more ${length === 2 ? 'target' : 'targets'}` : ''

/** `takes 99.6 % of 1012 packets seen during the attack and 0.0 % of 900 calm ones`. */
export const takesText = ({
  attack,
  normal,
}: {
  readonly attack: Share
  readonly normal?: Share | undefined
}): string =>
  `takes ${percent(attack.share)} of ${attack.of} packets seen during the attack` +
  (normal === undefined ? '' : ` and ${percent(normal.share)} of ${normal.of} calm ones`)

const percent = (share: number): string => `${(share * 100).toFixed(1)} %`
