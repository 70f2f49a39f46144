// What must hold before a rule goes to gobgpd, which checks nothing: it dies of some rules, and of others a router
// resets the session, for ever, with all other routes in it.

import { flowProblems, ruleProblems } from './check.ts'
import { nlriLength } from './encode.ts'
import { type Flow, isPrefixComponent, type Rule } from './rule.ts'

/** With the octet of the length it is 240, the first that gobgpd writes wrongly (measured with 3.10). */
const LARGEST_FOR_GOBGPD = 238

export interface GobgpdOptions {
  /** Whether each router behind gobgpd reads IPv6 prefixes with an offset; BIRD 2 resets the session at them. */
  readonly allowOffsets: boolean
}

/** Reasons to refuse, for an announcement. None: it can be sent. */
export function problemsForGobgpd(rule: Rule, options: GobgpdOptions): string[] {
  const problems = ruleProblems(rule)
  if (rule.actions.length === 0) problems.push('a rule without actions does nothing: name one')
  return [...problems, ...limits(rule, options, problems)]
}

/** The same for a withdrawal, which needs no actions. */
export function withdrawalProblemsForGobgpd(flow: Flow, options: GobgpdOptions): string[] {
  const problems = flowProblems(flow)
  return [...problems, ...limits(flow, options, problems)]
}

/** Lengths are only asked of what can be encoded. */
function limits(flow: Flow, { allowOffsets }: GobgpdOptions, problems: readonly string[]): string[] {
  if (problems.length > 0) return []
  const found: string[] = []
  const length = nlriLength(flow)
  if (length > LARGEST_FOR_GOBGPD)
    found.push(`the rule takes ${length} octets, and gobgpd writes at most ${LARGEST_FOR_GOBGPD}: split it`)
  if (!allowOffsets && flow.components.some(part => isPrefixComponent(part) && part.offset > 0))
    found.push('a prefix with an offset makes some routers reset the session: leave the offset out')
  return found
}
