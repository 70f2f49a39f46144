// What a schema cannot see in playbooks: steps that could never be taken, and what the rails or the enforcers would refuse.
// It is told when the configuration is loaded, not during the attack.

import type { Prefix } from '#lib/ip/prefix.ts'
import type { PrefixSet } from '#lib/ip/prefix-set.ts'
import { nearest } from '#lib/schema/nearest.ts'
import type { SettingPath } from '#lib/schema/problem.ts'
import type { AnnouncementPlan } from './announcement-plan.ts'
import type { Bounds } from './bounds.ts'
import { checkStepAction } from './check-step-action.ts'
import type { ProfileMeans } from './countermeasure.ts'
import type { InventoryConfig } from './inventory-config.ts'
import type { Carrier } from './planned-step.ts'
import type { MatchConfig, PlaybookConfig, StepConfig } from './playbook-config.ts'
import type { EnforcingRouter } from './router-fit.ts'

export interface PlaybookProblem {
  readonly severity: 'error' | 'warning'
  /** From the list of playbooks on: `[1, 'steps', 0, 'ttlSeconds']`. */
  readonly path: SettingPath
  readonly message: string
  readonly hint: string | undefined
}

/** What playbooks are held against. */
export interface PlaybookSurroundings {
  readonly carriers: readonly Carrier[]
  readonly announcements: readonly AnnouncementPlan[]
  /** Protection profiles; missing: there are none. */
  readonly protection?: readonly ProfileMeans[]
  readonly scriptPath: string | undefined
  readonly scriptTakesPrefixes: boolean
  readonly bounds: Bounds
  /** No mitigation lives longer: mitigation.maximumSeconds. */
  readonly maximumSeconds: number
  readonly inventory: InventoryConfig
  readonly hostgroups: readonly string[]
  readonly networks: readonly Prefix[]
  /** What enforces FlowSpec rules; missing: nothing is known of it. */
  readonly flowspecRouter?: EnforcingRouter | undefined
  /** What no route may touch: safelist, whitelist and management prefixes. */
  readonly untouchable: PrefixSet
}

/** Tells a problem at a place within what is being checked. */
export type Report = (
  path: SettingPath,
  message: string,
  hint?: string,
  severity?: PlaybookProblem['severity'],
) => void

/** All problems at once. An error refuses the configuration. */
export function checkPlaybooks(
  playbooks: readonly PlaybookConfig[],
  around: PlaybookSurroundings,
): PlaybookProblem[] {
  const problems: PlaybookProblem[] = []
  const reportAt =
    (above: SettingPath): Report =>
    (path, message, hint, severity = 'error') =>
      problems.push({ severity, path: [...above, ...path], message, hint })
  repeated(playbooks, 'playbook', reportAt([]))
  hidden(playbooks, reportAt([]))
  for (const [at, playbook] of playbooks.entries()) {
    checkReferences(playbook.match, around, reportAt([at, 'match']))
    repeated(playbook.steps, 'step', reportAt([at, 'steps']))
    for (const [step, config] of playbook.steps.entries()) {
      const report = reportAt([at, 'steps', step])
      checkReachable(config, step, report)
      checkLifetime(config, around, report)
      checkRepeats(config, report)
      for (const [action, wanted] of config.actions.entries())
        checkStepAction({
          wanted,
          match: playbook.match,
          around,
          report: reportAt([at, 'steps', step, 'actions', action]),
        })
    }
  }
  return problems
}

const quote = (text: string): string => JSON.stringify(text)

function repeated(entries: readonly { readonly name: string }[], what: string, report: Report): void {
  const seen = new Set<string>()
  for (const [at, { name }] of entries.entries()) {
    if (seen.has(name))
      report([at, 'name'], `there is a ${what} ${quote(name)} already`, 'give it a name of its own')
    seen.add(name)
  }
}

/** One that answers everything at all times leaves nothing to those after it. */
function hidden(playbooks: readonly PlaybookConfig[], report: Report): void {
  const last = playbooks.findIndex(({ match, windows }) => windows.length === 0 && isForAll(match))
  if (last < 0 || last === playbooks.length - 1) return
  const name = playbooks[last]?.name ?? ''
  const message = `never asked: the playbook ${quote(name)} before it answers every attack`
  report([last + 1], message, `move it before ${quote(name)}`, 'warning')
}

const isForAll = ({ minimumConfidence, requirePorts, ...lists }: MatchConfig): boolean =>
  minimumConfidence === 0 && !requirePorts && Object.values(lists).every(list => list.length === 0)

function checkReferences(
  match: MatchConfig,
  { inventory, hostgroups }: PlaybookSurroundings,
  report: Report,
): void {
  const { customers, pops } = inventory
  const known = {
    customers: customers.map(({ id }) => id),
    services: customers.flatMap(({ services }) => services.map(({ id }) => id)),
    pops: pops.map(({ id }) => id),
    hostgroups: [...hostgroups, 'global'],
  }
  for (const key of ['customers', 'services', 'pops', 'hostgroups'] as const) {
    for (const [at, name] of match[key].entries()) {
      if (known[key].includes(name)) continue
      const near = nearest(name, known[key])
      const place = key === 'hostgroups' ? 'the configuration' : 'the inventory'
      const hint = near === undefined ? `add it to ${place}, or leave it out` : `did you mean ${near}?`
      report([key, at], `${place} has no ${key.slice(0, -1)} ${quote(name)}`, hint)
    }
  }
  if (match.sources.length > 0 && match.origins.length > 0 && !match.origins.includes('event'))
    report(
      ['origins'],
      'sources report events, and no event is among the origins',
      'add event, or leave sources out',
    )
}

/** Nothing leads to a step without requirements, and nothing stands before the first. */
function checkReachable({ escalateAfter }: StepConfig, at: number, report: Report): void {
  if (at === 0 && escalateAfter !== undefined)
    report(
      ['escalateAfter'],
      'the first step is taken at once, so it waits for nothing',
      'remove escalateAfter',
    )
  if (at > 0 && escalateAfter === undefined)
    report([], 'nothing leads to this step: it is never taken', 'add escalateAfter, such as { seconds: 120 }')
}

function checkLifetime(
  { ttlSeconds }: StepConfig,
  { bounds, maximumSeconds }: PlaybookSurroundings,
  report: Report,
): void {
  const { minimum } = bounds.ttlSeconds
  const maximum = Math.min(bounds.ttlSeconds.maximum, maximumSeconds)
  if (ttlSeconds >= minimum && ttlSeconds <= maximum) return
  const setting = ttlSeconds < minimum || maximumSeconds >= bounds.ttlSeconds.maximum
  const from = setting ? 'policy.bounds.ttlSeconds' : 'mitigation.maximumSeconds'
  const message = `the guardrails would refuse it: ${ttlSeconds} s, and ${minimum} to ${maximum} s are allowed (${from})`
  report(['ttlSeconds'], message, `write a number from ${minimum} to ${maximum}, or change ${from}`)
}

/** Two rules of one step would match the same, and a router holds one of them. */
function checkRepeats({ actions }: StepConfig, report: Report): void {
  const seen = new Map<string, string>()
  for (const [at, { kind, enforcer = '' }] of actions.entries()) {
    if (kind === 'observe' && actions.length > 1)
      report(['actions', at], 'observe does nothing beside other actions', 'remove it')
    const key =
      kind === 'rate-limit' || kind === 'discard' ? `rule ${enforcer}` : kind === 'script' ? kind : undefined
    const before = key === undefined ? undefined : seen.get(key)
    if (before !== undefined)
      report(
        ['actions', at, 'kind'],
        `${kind} and ${before} of one step would take the place of each other`,
        'keep one of them',
      )
    if (key !== undefined) seen.set(key, kind)
  }
}
