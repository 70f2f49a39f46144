// The FlowSpec rules against an attack (RFC 8955, RFC 8956): one for each attacked prefix and each thing it is made of.

import type { Attack } from '#4-detection/attack.ts'
import { byNumber, type Range, rangesComponent } from '#lib/flowspec/build.ts'
import { canonical } from '#lib/flowspec/canonical.ts'
import { printFlow, printRule } from '#lib/flowspec/print.ts'
import type { BitmaskType, Component, NumericType, Rule, Action as RuleAction } from '#lib/flowspec/rule.ts'
import { problemsForGobgpd } from '#lib/flowspec/validate.ts'
import { formatPrefix, type Prefix, parsePrefix } from '#lib/ip/prefix.ts'
import type { Inventory } from './inventory.ts'
import { portsToName } from './narrow-ports.ts'
import { type EnforcingRouter, fitToRouter } from './router-fit.ts'
import { isEverything, TCP, type TrafficMatch, trafficOf, UDP } from './traffic-match.ts'

/** What the rules are made from, beside the attack. */
export interface RuleFacts {
  readonly inventory: Inventory | undefined
  /** Ports at the target that most of the flood goes to; `undefined`: not known. */
  readonly floodPorts: readonly number[] | undefined
  /** Whom a host of ours attacks, as prefixes; `undefined`: not known. */
  readonly remoteTargets: readonly string[] | undefined
  /** What enforces the rules; missing: nothing is known of it. */
  readonly flowspecRouter?: EnforcingRouter | undefined
}

export interface MadeRule {
  readonly text: string
  readonly rule: Rule
  readonly note: string | undefined
}

export interface FilterRules {
  /** In canonical text, without repetitions; `note`: how it differs from what was meant. */
  readonly rules: readonly MadeRule[]
  /** Why others that were wanted are not among them, a sentence each. */
  readonly problems: readonly string[]
}

/** None of them is without a destination, and a router takes each as it is. */
export function filterRules(attack: Attack, action: RuleAction, facts: RuleFacts): FilterRules {
  const ends = endsOf(attack, facts.remoteTargets)
  if (typeof ends === 'string') return { rules: [], problems: [ends] }
  const isDiscard = action.kind === 'discard'
  const rules = new Map<string, MadeRule>()
  const problems = new Set<string>()
  for (const traffic of trafficOf(attack)) {
    if (isDiscard && isEverything(traffic)) {
      problems.add(
        `${traffic.of}: no rule can tell the flood from other traffic, and to discard all of it is a blackhole`,
      )
      continue
    }
    for (const end of ends) {
      const made = ruleOf(attack, { ...end, traffic, action, isDiscard }, facts)
      if (typeof made === 'string') problems.add(made)
      else rules.set(made.key, made.rule)
    }
  }
  return { rules: [...rules.values()], problems: [...problems] }
}

/** Where the flood goes to, and from where when it is ours. */
interface Ends {
  readonly target: Prefix
  readonly source: Prefix | undefined
}

/** A sentence when there is no rule: one without a destination would touch everybody. */
function endsOf(attack: Attack, remoteTargets: readonly string[] | undefined): readonly Ends[] | string {
  const ours = readAll(attack.scope === 'host' ? [attack.host] : attack.prefixes)
  if (typeof ours === 'string') return ours
  if (attack.direction !== 'outgoing') return ours.map(target => ({ target, source: undefined }))
  const theirs = readAll(remoteTargets ?? [])
  if (typeof theirs === 'string') return theirs
  const sameFamily = theirs.filter(({ family }) => family === attack.family)
  if (sameFamily.length === 0)
    return `${attack.host} attacks others, and whom it attacks is not known: a rule by its source alone is never made`
  return ours.flatMap(source => sameFamily.map(target => ({ target, source })))
}

function readAll(texts: readonly string[]): readonly Prefix[] | string {
  const read: Prefix[] = []
  for (const text of texts) {
    const prefix = parsePrefix(text)
    if (prefix === undefined) return `${JSON.stringify(text)} is no prefix`
    read.push(prefix)
  }
  return read
}

interface Wanted extends Ends {
  readonly traffic: TrafficMatch
  readonly action: RuleAction
  readonly isDiscard: boolean
}

function ruleOf(
  attack: Attack,
  { target, source, traffic, action, isDiscard }: Wanted,
  facts: RuleFacts,
): { readonly key: string; readonly rule: MadeRule } | string {
  const targetPorts = source === undefined ? portsOf(target, traffic, isDiscard, facts) : traffic.targetPorts
  if (targetPorts?.length === 0)
    return `${traffic.of} to ${formatPrefix(target)}: every port is allowed there, so none is left for a rule to discard`
  const components: Component[] = [{ type: 'destination', prefix: target, offset: 0 }]
  if (source !== undefined) components.push({ type: 'source', prefix: source, offset: 0 })
  const numbers = (type: NumericType, ranges: readonly Range[] | undefined) => {
    if (ranges !== undefined) components.push(rangesComponent(type, ranges))
  }
  const bits = (type: BitmaskType, anyOf: TrafficMatch['tcpFlags']) => {
    if (anyOf !== undefined) components.push({ type, anyOf })
  }
  numbers('protocol', traffic.protocols)
  numbers('destination-port', targetPorts)
  numbers('source-port', traffic.sourcePorts)
  numbers('icmp-type', traffic.icmpTypes)
  bits('tcp-flags', traffic.tcpFlags)
  numbers('packet-length', traffic.lengths)
  bits('fragment', traffic.fragments)
  const rule: Rule = { family: attack.family, components: components.sort(byNumber), actions: [action] }
  return madeRule(rule, `${traffic.of} to ${formatPrefix(target)}`, facts.flowspecRouter)
}

/** The rule as it is announced, and by what it is known; a sentence when no router would have it. */
export function madeRule(
  meant: Rule,
  what: string,
  router: EnforcingRouter | undefined,
): { readonly key: string; readonly rule: MadeRule } | string {
  const fitted = fitToRouter(canonical(meant), router)
  if (fitted.kind === 'refused') return `${what}: ${fitted.reason}`
  const { rule, note } = fitted
  const [problem] = problemsForGobgpd(rule, { allowOffsets: false })
  return problem === undefined
    ? { key: printFlow(rule), rule: { text: printRule(rule), rule, note } }
    : `${what}: ${problem}`
}

/** Later fragments carry no port, so a rule on them names none. */
function portsOf(
  target: Prefix,
  { protocols = [], targetPorts, fragments }: TrafficMatch,
  isDiscard: boolean,
  { inventory, floodPorts }: RuleFacts,
): readonly Range[] | undefined {
  const [protocol, more] = protocols
  const name =
    more !== undefined ? undefined : protocol?.to === TCP ? 'tcp' : protocol?.to === UDP ? 'udp' : undefined
  if (name === undefined || protocol?.from !== protocol?.to || fragments !== undefined) return targetPorts
  const flood = targetPorts ?? floodPorts?.map(port => ({ from: port, to: port }))
  return portsToName({ flood, allowed: inventory?.find(target)?.allowedPorts[name], isDiscard })
}
