// What must hold before a rule goes to gobgpd, which checks nothing: it dies of some rules, and of others a router
// resets the session, for ever, with all other routes in it.

import { flowProblems, ruleProblems } from './check.ts'
import { nlriLength } from './encode.ts'
import { type ComponentType, type Flow, isPrefixComponent, type Rule } from './rule.ts'

/** With the octet of the length it is 240, the first that gobgpd writes wrongly (measured with 3.10). */
const LARGEST_FOR_GOBGPD = 238

export interface GobgpdOptions {
  /** Whether each router behind gobgpd reads IPv6 prefixes with an offset; BIRD 2 resets the session at them. */
  readonly allowOffsets: boolean
  /** Most tests of one component: a value is one, a range two. FRR 8 resets the session at the sixth. Missing: any number. */
  readonly testsMax?: number | undefined
}

/** What every router that we know reads. */
export const TESTS_EVERY_ROUTER_READS = 5

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
function limits(
  flow: Flow,
  { allowOffsets, testsMax }: GobgpdOptions,
  problems: readonly string[],
): string[] {
  if (problems.length > 0) return []
  const found: string[] = []
  const length = nlriLength(flow)
  if (length > LARGEST_FOR_GOBGPD)
    found.push(`the rule takes ${length} octets, and gobgpd writes at most ${LARGEST_FOR_GOBGPD}: split it`)
  if (!allowOffsets && flow.components.some(part => isPrefixComponent(part) && part.offset > 0))
    found.push('a prefix with an offset makes some routers reset the session: leave the offset out')
  const { type, tests } = mostTests(flow)
  if (testsMax !== undefined && tests > testsMax)
    found.push(
      `${type} has ${tests} tests (a value is one, a range two), and more than ${testsMax} make some routers reset the session: split the rule`,
    )
  return found
}

/** The component with most tests, and how many it has. */
export function mostTests({ components }: Flow): {
  readonly type: ComponentType | undefined
  readonly tests: number
} {
  let most: { type: ComponentType | undefined; tests: number } = { type: undefined, tests: 0 }
  for (const component of components) {
    const tests = isPrefixComponent(component) ? 0 : component.anyOf.flat().length
    if (tests > most.tests) most = { type: component.type, tests }
  }
  return most
}
