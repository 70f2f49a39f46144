// Whether one action of a step can be carried at all, and would pass the rails.

import { formatPrefix, type Prefix } from '#lib/ip/prefix.ts'
import { nearest } from '#lib/schema/nearest.ts'
import { type BoundKind, prefixLength } from './bounds.ts'
import type { PlaybookSurroundings, Report } from './check-playbooks.ts'
import { USUAL_TABLE } from './countermeasure.ts'
import type { MatchConfig, StepActionConfig, StepActionKind } from './playbook-config.ts'
import { profileOf } from './router-fit.ts'
import { announcerOf, ruleActionOf } from './step-actions.ts'

interface Checked {
  readonly wanted: StepActionConfig
  readonly match: MatchConfig
  readonly around: PlaybookSurroundings
  readonly report: Report
}

export function checkStepAction(checked: Checked): void {
  checkKeys(checked)
  switch (checked.wanted.kind) {
    case 'observe':
      break
    case 'script':
      checkScript(checked)
      break
    case 'rate-limit':
    case 'discard':
      checkRule(checked)
      break
    case 'blackhole':
      checkBlackhole(checked)
      break
    case 'divert':
      checkDivert(checked)
      break
    case 'countermeasure':
      checkCountermeasure(checked)
  }
}

/** Keys that say something for these kinds only. */
const KEYS: Readonly<Record<Exclude<keyof StepActionConfig, 'kind'>, readonly StepActionKind[]>> = {
  bitsPerSecond: ['rate-limit'],
  packetsPerSecond: ['rate-limit'],
  rule: ['rate-limit', 'discard'],
  enforcer: ['rate-limit', 'discard', 'divert'],
  scope: ['blackhole', 'divert'],
  nextHopIpv4: ['divert'],
  nextHopIpv6: ['divert'],
  communities: ['divert'],
  profile: ['countermeasure'],
  countermeasure: ['countermeasure'],
  byType: ['countermeasure'],
}

function checkKeys({ wanted, report }: Checked): void {
  for (const [key, kinds] of Object.entries(KEYS)) {
    if (Reflect.get(wanted, key) === undefined || kinds.includes(wanted.kind)) continue
    report([key], `${key} says nothing for ${wanted.kind}`, `remove it; it belongs to ${kinds.join(', ')}`)
  }
  if (wanted.kind !== 'rate-limit') return
  const { bitsPerSecond, packetsPerSecond } = wanted
  if (bitsPerSecond === undefined && packetsPerSecond === undefined)
    report([], 'a rate-limit without a rate', 'add bitsPerSecond or packetsPerSecond')
  if (bitsPerSecond !== undefined && packetsPerSecond !== undefined)
    report(['packetsPerSecond'], 'a rate counts bits or packets', 'keep one of the two')
}

/** A playbook that answers no single host. */
const isForPrefixes = ({ scopes }: MatchConfig): boolean => scopes.length > 0 && !scopes.includes('host')

function checkScript({ match, around: { scriptPath, scriptTakesPrefixes }, report }: Checked): void {
  if (scriptPath === undefined)
    report(['kind'], 'there is no script to call', 'set enforcement.notifyScript.path')
  else if (isForPrefixes(match) && !scriptTakesPrefixes)
    report(['kind'], 'the script is not called for prefixes', 'set enforcement.notifyScript.prefixes: true')
}

const CONFIGURE_BGP =
  'set enforcement.exabgp.pipe or enforcement.gobgp.address, or name gobgp here as the enforcer'

function checkAnnouncer({ wanted, around: { carriers }, report }: Checked): void {
  const kind = wanted.kind === 'divert' ? 'divert' : 'filter'
  const announcer = announcerOf(wanted, kind, carriers)
  if (announcer === 'exabgp' && wanted.packetsPerSecond !== undefined)
    report(['packetsPerSecond'], 'ExaBGP has no words for a rate in packets', 'write bitsPerSecond')
  if (announcer !== undefined) return
  const who = wanted.enforcer ?? 'no enforcer'
  const message =
    wanted.enforcer === undefined ? `${who} that could announce it is configured` : `${who} is not configured`
  report([wanted.enforcer === undefined ? 'kind' : 'enforcer'], message, CONFIGURE_BGP)
}

function checkRule(checked: Checked): void {
  const { wanted, match, around, report } = checked
  checkAnnouncer(checked)
  checkRouter(checked)
  const { ipv4, ipv6 } = around.bounds.prefixLengths.rule
  if (!isForPrefixes(match) || ipv4 < 32 || ipv6 < 128) return
  const message = `the guardrails would refuse it: it answers prefixes, and a rule may name /${ipv4} and /${ipv6} only`
  report(['kind'], message, `lower policy.bounds.prefixLengths.rule, or ${wanted.kind} hosts`)
}

/** The routers that are named have to have the action, and rules of the families of our networks. */
function checkRouter({ wanted, around: { flowspecRouter, networks }, report }: Checked): void {
  const action = ruleActionOf(wanted)
  if (flowspecRouter === undefined || action === undefined) return
  const { name, actions, families } = profileOf(flowspecRouter)
  if (!actions.includes(action.kind))
    report(
      [action.kind === 'rate-packets' ? 'packetsPerSecond' : 'kind'],
      `${name} has no action ${action.kind}`,
      'write bitsPerSecond, or leave out policy.flowspecRouter when other routers enforce it',
    )
  const without = networks.find(({ family }) => !families.includes(family))
  if (without !== undefined)
    report(
      ['kind'],
      `${name} has no rules of IPv${without.family}: floods of it are not filtered`,
      undefined,
      'warning',
    )
}

function checkBlackhole({ wanted: { scope = 'host' }, match, around, report }: Checked): void {
  const families = new Set(
    around.announcements.filter(plan => plan.scope === scope).map(({ family }) => family),
  )
  if (families.size === 0) {
    const key = scope === 'host' ? 'hostIpv4' : 'networkIpv4'
    report(['kind'], `no announcement of the ${scope} has a next hop`, `set enforcement.gobgp.${key}.nextHop`)
    return
  }
  if (scope === 'host' && isForPrefixes(match))
    report(['scope'], 'it answers prefixes, and a blackhole of a host needs one', 'write scope: network')
  const without = around.networks.find(({ family }) => !families.has(family))
  if (without !== undefined)
    report(
      ['kind'],
      `for IPv${without.family} there is no announcement of the ${scope}: nothing is dropped there`,
      `set enforcement.gobgp.${scope}Ipv${without.family}.nextHop`,
      'warning',
    )
  if (scope === 'network') checkNetworks('network', families, around, report)
}

function checkDivert(checked: Checked): void {
  const { wanted, around, report } = checked
  const { scope = 'network', nextHopIpv4, nextHopIpv6 } = wanted
  checkAnnouncer(checked)
  const families = new Set<4 | 6>()
  if (nextHopIpv4 !== undefined) families.add(4)
  if (nextHopIpv6 !== undefined) families.add(6)
  if (families.size === 0) report([], 'there is no way to the scrubber', 'add nextHopIpv4 or nextHopIpv6')
  else if (scope === 'network') checkNetworks('divert', families, around, report)
}

/** When the rails refuse every network there is no use in it; when they refuse some, those are named. */
function checkNetworks(
  kind: BoundKind,
  families: ReadonlySet<4 | 6>,
  { networks, bounds, untouchable }: PlaybookSurroundings,
  report: Report,
): void {
  const meant = networks.filter(({ family }) => families.has(family))
  const refused = meant.flatMap(network => {
    const verdict = prefixLength(network, kind, bounds)
    return verdict.allowed ? keptBack(network, untouchable) : [verdict.reason]
  })
  const [first] = refused
  if (first === undefined) return
  const severity = refused.length === meant.length ? 'error' : 'warning'
  const more = refused.length === 1 ? '' : `, and so for ${refused.length - 1} more of our networks`
  const hint = `list smaller networks, change policy.bounds.prefixLengths.${kind}, or write scope: host`
  report(['scope'], `the guardrails would refuse it: ${first}${more}`, hint, severity)
}

function keptBack(network: Prefix, untouchable: PlaybookSurroundings['untouchable']): string[] {
  const hit = untouchable.overlapping(network)
  return hit === undefined
    ? []
    : [`${formatPrefix(network)} touches ${formatPrefix(hit)}, which is never touched`]
}

/** A profile that is named has to be there; what it has not is passed over, so that is told. */
function checkCountermeasure({ wanted, around: { protection = [] }, report }: Checked): void {
  const { profile, countermeasure, byType } = wanted
  if (countermeasure !== undefined && byType !== undefined)
    report(['byType'], `says nothing beside countermeasure: ${countermeasure}`, 'keep one of the two')
  if (protection.length === 0) {
    report(['kind'], 'there is no protection profile', 'add one to protection.profiles')
    return
  }
  const named = protection.filter(({ id }) => profile === undefined || id === profile)
  if (named.length === 0) {
    const near = nearest(
      profile ?? '',
      protection.map(({ id }) => id),
    )
    const hint = near === undefined ? 'add it to protection.profiles' : `did you mean ${near}?`
    report(['profile'], `there is no protection profile ${JSON.stringify(profile)}`, hint)
    return
  }
  const asked = countermeasure === undefined ? Object.values({ ...USUAL_TABLE, ...byType }) : [countermeasure]
  for (const name of new Set(asked)) {
    const without = named.filter(({ countermeasures }) => !countermeasures.includes(name)).map(({ id }) => id)
    if (without.length === 0) continue
    const isNobody = without.length === named.length && countermeasure !== undefined
    const message = `the protection profile ${without.slice(0, 5).join(', ')} has no ${name}`
    const hint = `add protection.profiles.${without[0]}.countermeasures.${name}`
    report(
      [countermeasure === undefined ? 'kind' : 'countermeasure'],
      message,
      hint,
      isNobody ? 'error' : 'warning',
    )
  }
}
