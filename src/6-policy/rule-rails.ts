// Rails about FlowSpec rules: what they match, whatever made them. The text that would be announced is read back and judged.

import { intersect, rangesOf } from '#lib/flowspec/ranges.ts'
import { isNumericComponent, isPrefixComponent, type NumericType, type Rule } from '#lib/flowspec/rule.ts'
import { problemsForGobgpd } from '#lib/flowspec/validate.ts'
import { formatPrefix, type Prefix } from '#lib/ip/prefix.ts'
import type { PrefixSet } from '#lib/ip/prefix-set.ts'
import type { Bounds } from './bounds.ts'
import type { Verdict } from './guardrail.ts'

/** The prefixes a rule names. */
export interface RuleEnds {
  readonly target: Prefix | undefined
  readonly source: Prefix | undefined
}

export function endsOf({ components }: Rule): RuleEnds {
  const prefixes = components.filter(isPrefixComponent)
  const of = (type: 'destination' | 'source') => prefixes.find(component => component.type === type)?.prefix
  return { target: of('destination'), source: of('source') }
}

/** To us; or from us, to whom is attacked. Never neither. */
export function ruleWithin({ target, source }: RuleEnds, networks: PrefixSet): Verdict {
  const rail = 'outside-networks'
  if (target === undefined)
    return { rail, allowed: false, reason: 'the rule has no destination, so it would touch everybody' }
  const text = formatPrefix(target)
  const around = networks.covering(target)
  if (around !== undefined)
    return { rail, allowed: true, reason: `${text} is in our network ${formatPrefix(around)}` }
  const ours = source === undefined ? undefined : networks.covering(source)
  return source === undefined || ours === undefined
    ? {
        rail,
        allowed: false,
        reason: `neither ${text} nor a source of the rule is in one of our ${networks.size} networks`,
      }
    : {
        rail,
        allowed: true,
        reason: `its source ${formatPrefix(source)} is in our network ${formatPrefix(ours)}`,
      }
}

const BGP_PORT = 179
const TCP = 6
/** The shortest IP packet there is. */
const SHORTEST_PACKET = { 4: 20, 6: 40 } as const
const PORT_TYPES = ['port', 'destination-port', 'source-port'] as const

/** Ports and lengths make sense, nothing is impossible, and a router takes it as it is. */
export function ruleShape(rule: Rule, { portsMax }: Bounds): Verdict {
  const refuse = (reason: string): Verdict => ({ rail: 'rule', allowed: false, reason })
  const [problem] = problemsForGobgpd(rule, { allowOffsets: false })
  if (problem !== undefined) return refuse(problem)
  for (const component of rule.components.filter(isNumericComponent)) {
    if (rangesOf(component).length === 0)
      return refuse(`no packet has a ${component.type} that the rule matches`)
  }
  const ports = PORT_TYPES.reduce((sum, type) => sum + (valuesOf(rule, type)?.length ?? 0), 0)
  if (ports > portsMax) return refuse(`the rule names ${ports} ranges of ports and ${portsMax} are the most`)
  const shortest = SHORTEST_PACKET[rule.family]
  const odd = valuesOf(rule, 'packet-length')?.find(({ to }) => to < shortest)
  if (odd !== undefined)
    return refuse(`no packet is as short as ${odd.to} bytes, and ${shortest} is the shortest`)
  return {
    rail: 'rule',
    allowed: true,
    reason: `the rule names ${ports} of at most ${portsMax} ranges of ports`,
  }
}

/** A session of BGP with one of our routers is never cut, in either direction. */
export function keepsBgp(rule: Rule, routers: PrefixSet): Verdict {
  const { target, source } = endsOf(rule)
  const router = [target, source]
    .map(prefix => (prefix === undefined ? undefined : routers.overlapping(prefix)))
    .find(hit => hit !== undefined)
  if (router === undefined || !mayBeBgp(rule))
    return {
      rail: 'bgp',
      allowed: true,
      reason: `the rule matches no BGP of ${routers.size} router prefixes`,
    }
  const reason = `the rule would match TCP port ${BGP_PORT}, BGP, of the router ${formatPrefix(router)}`
  return { rail: 'bgp', allowed: false, reason }
}

/** One end of such a session is port 179, the other is any. */
function mayBeBgp(rule: Rule): boolean {
  const has = (type: NumericType, value: number) => {
    const ranges = valuesOf(rule, type)
    return ranges === undefined || intersect(ranges, [{ from: value, to: value }]).length > 0
  }
  return has('protocol', TCP) && (has('destination-port', BGP_PORT) || has('source-port', BGP_PORT))
}

/** `undefined`: the rule does not look at the field. */
function valuesOf(rule: Rule, type: NumericType) {
  const component = rule.components.filter(isNumericComponent).find(one => one.type === type)
  return component && rangesOf(component)
}
