// Rules as a file for `nft -f`, for whoever has no router that takes FlowSpec: a Linux router, or the host itself.

import { type Printed, problemOfRule } from '../printed.ts'
import type { Rule } from '../rule.ts'
import { expressionsOf } from './expressions.ts'
import { rulesetOf } from './ruleset.ts'

/** Before connection tracking puts fragments together (-400): a fragment could not be told afterwards. */
const BEFORE_DEFRAGMENTATION = -450

/**
 * Replaces the table `inet NAME` as a whole (`nft delete table inet NAME` takes it back) and judges what arrives, forwarded
 * or for the host itself. What nftables cannot do is a problem, and then nothing is printed.
 */
export function printNftables(rules: readonly Rule[], table = 'floodwarden'): Printed {
  const problems = rules.flatMap(rule => [
    ...rule.actions.flatMap(({ kind }) =>
      kind === 'redirect' || kind === 'redirect-ip'
        ? [problemOfRule(rule, `nftables does not do ${kind} here`)]
        : [],
    ),
    ...(rule.actions.some(action => action.kind === 'traffic-action' && action.isSampled)
      ? [problemOfRule(rule, 'nftables takes no samples')]
      : []),
    ...(expressionsOf(rule).length === 0 ? [problemOfRule(rule, 'no packet can match it')] : []),
  ])
  if (problems.length > 0) return { kind: 'impossible', problems }
  const { script } = rulesetOf(rules, { table, hook: 'prerouting', priority: BEFORE_DEFRAGMENTATION })
  return { kind: 'text', text: script }
}
