// FlowSpec rules as a table of nftables: what a router that enforces them would do, in the order it would do it.

import { canonical } from '../canonical.ts'
import { compareFlows } from '../order.ts'
import { printRule } from '../print.ts'
import type { Action, Rule } from '../rule.ts'
import { expressionsOf } from './expressions.ts'

export interface RulesetOptions {
  /** Name of the table; default `flowspec`. */
  readonly table?: string
  /** Where packets are judged; default is what the router forwards. */
  readonly hook?: 'forward' | 'prerouting'
  /** Among what else looks at packets there, lower numbers first; default -50. */
  readonly priority?: number
}

export interface Ruleset {
  /** Replaces the table as a whole, for `nft -f`. Counters are named `matched0` and so on, by the place in `rules`. */
  readonly script: string
  /** In the order in which they are looked at. */
  readonly rules: readonly Rule[]
  /** What nftables cannot do; such rules are counted all the same. */
  readonly told: readonly string[]
}

/** Comments of nftables are not longer. */
const COMMENT_LENGTH_MAX = 120
/** What passes at once of a rate: a full packet at least. */
const BURST_SECONDS = 0.1
const BURST_BYTES_MIN = 1500

export function rulesetOf(rules: readonly Rule[], options: RulesetOptions = {}): Ruleset {
  const { table = 'flowspec', hook = 'forward', priority = -50 } = options
  const sorted = rules.map(canonical).sort(compareRules)
  const told = sorted.flatMap(problemsOf)
  const script = [
    `table inet ${table}`,
    `delete table inet ${table}`,
    `table inet ${table} {`,
    ...sorted.flatMap(chainsOf),
    'chain judge {',
    `type filter hook ${hook} priority ${priority}; policy accept;`,
    ...sorted.map((_, at) => `jump match${at}`),
    '}',
    '}',
  ]
  return { script: `${script.join('\n')}\n`, rules: sorted, told }
}

function compareRules(a: Rule, b: Rule): number {
  return a.family - b.family || compareFlows(a, b)
}

/** The alternatives go to one chain, so that a rate is one for all of them and a packet is counted once. */
function chainsOf(rule: Rule, at: number): string[] {
  const comment = printRule(rule).slice(0, COMMENT_LENGTH_MAX)
  return [
    `counter matched${at} {`,
    '}',
    `chain act${at} {`,
    `counter name matched${at} comment "${comment}"`,
    ...statementsOf(rule),
    '}',
    `chain match${at} {`,
    ...expressionsOf(rule).map(expression => `${expression} goto act${at}`),
    '}',
  ]
}

function statementsOf({ actions, family }: Rule): string[] {
  const statements = actions.flatMap(action => statementOf(action, family))
  // The bit that is called terminal lets later rules be looked at as well (RFC 8955, section 7.3).
  const goesOn = actions.some(action => action.kind === 'traffic-action' && action.isTerminal)
  return [...statements, goesOn ? 'return' : 'accept']
}

function statementOf(action: Action, family: 4 | 6): string[] {
  switch (action.kind) {
    case 'discard':
      return ['drop']
    case 'rate-bytes': {
      const rate = Math.max(1, Math.floor(action.bytesPerSecond))
      const burst = Math.max(BURST_BYTES_MIN, Math.floor(rate * BURST_SECONDS))
      return [`limit rate over ${rate} bytes/second burst ${burst} bytes drop`]
    }
    case 'rate-packets': {
      const rate = Math.max(1, Math.floor(action.packetsPerSecond))
      const burst = Math.max(1, Math.floor(rate * BURST_SECONDS))
      return [`limit rate over ${rate}/second burst ${burst} packets drop`]
    }
    case 'mark':
      return [`${family === 4 ? 'ip' : 'ip6'} dscp set ${action.dscp}`]
    default:
      return []
  }
}

function problemsOf(rule: Rule): string[] {
  return rule.actions.flatMap(action => {
    const problem = problemOf(action)
    return problem === undefined ? [] : [`${printRule(rule)}: ${problem}`]
  })
}

function problemOf(action: Action): string | undefined {
  switch (action.kind) {
    case 'redirect':
    case 'redirect-ip':
      return 'it is not redirected, only counted'
    case 'traffic-action':
      return action.isSampled ? 'no samples are taken' : undefined
    default:
      return undefined
  }
}
