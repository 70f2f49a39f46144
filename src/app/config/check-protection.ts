// Protection profiles that could not be carried out, or would protect nobody: told with their line when the configuration is read.

import type { CountermeasureName } from '#6-policy/countermeasure.ts'
import { type ConfiguredProfile, countermeasuresOf } from '#7-mitigation/protection/configured-profile.ts'
import { compile } from '#8-enforcement/nftables/compile.ts'
import { type Prefix, parsePrefix } from '#lib/ip/prefix.ts'
import { PrefixSet } from '#lib/ip/prefix-set.ts'
import { nearest } from '#lib/schema/nearest.ts'
import type { Problem, SettingPath, SettingsSource, Severity } from '#lib/schema/problem.ts'
import { configuredProfiles } from '../protection/configured-profiles.ts'
import { countriesOf } from '../protection/countries.ts'
import { mitigatorSettingsOf } from '../protection/mitigator-config.ts'
import type { ResolvedConfig } from './config.ts'
import { problemAt } from './problems.ts'

type Report = (path: SettingPath, message: string, hint?: string, severity?: Severity) => void

export function checkProtection(config: ResolvedConfig, source: SettingsSource): Problem[] {
  const problems: Problem[] = []
  const report: Report = (path, message, hint, severity = 'error') =>
    problems.push(problemAt(source, 'config-protection', severity, ['protection', ...path], message, hint))
  const { prefixesOf, problem } = countriesOf(config.protection)
  if (problem !== undefined)
    report(['geo', 'database'], problem, 'name a CSV file of prefixes and country codes')
  const profiles = configuredProfiles(config, prefixesOf)
  if (profiles.length === 0) return problems
  checkDefault(profiles, report)
  for (const profile of profiles) {
    checkTargets(profile, config, report)
    checkThresholds(profile, report)
    checkParameters(profile, report)
  }
  checkNftables(profiles, config, report)
  if (profiles.some(({ backEnd }) => backEnd === 'mitigator')) checkMitigator(config, report)
  return problems
}

function checkDefault(profiles: readonly ConfiguredProfile[], report: Report): void {
  const [first, second] = profiles.filter(({ isDefault }) => isDefault)
  if (second !== undefined)
    report(
      ['profiles', second.id, 'isDefault'],
      `${first?.id} is general protection already`,
      'keep one of them',
    )
  if (first === undefined)
    report(
      ['profiles'],
      'there is no general protection: hosts that no profile covers are not protected',
      'set isDefault: true for one profile; without prefixes it covers all of our networks',
      'warning',
    )
}

function checkTargets({ id, prefixes }: ConfiguredProfile, config: ResolvedConfig, report: Report): void {
  const written = config.protection.profiles[id]
  const ours = new PrefixSet(parsed(config.networks))
  const at = ['profiles', id]
  if (prefixes.length === 0)
    report(at, 'it covers nobody', 'add prefixes or services, or set isDefault: true')
  for (const [index, text] of (written?.prefixes ?? []).entries()) {
    const [prefix] = parsed([text])
    if (prefix === undefined || ours.covering(prefix) !== undefined) continue
    report(
      [...at, 'prefixes', index],
      `${text} lies outside our networks`,
      'add it to networks, or leave it out',
    )
  }
  const services = config.inventory.customers.flatMap(customer =>
    customer.services.map(service => service.id),
  )
  for (const [index, service] of (written?.services ?? []).entries()) {
    if (services.includes(service)) continue
    const near = nearest(service, services)
    const hint = near === undefined ? 'add it to the inventory, or leave it out' : `did you mean ${near}?`
    report([...at, 'services', index], `the inventory has no service ${JSON.stringify(service)}`, hint)
  }
}

function checkThresholds({ id, thresholds }: ConfiguredProfile, report: Report): void {
  for (const [name, { on, off, history, severity }] of Object.entries(thresholds)) {
    const at = ['profiles', id, 'countermeasures', name, 'threshold']
    if (off > on) report([...at, 'off'], `${off} is above ${on}, at which it goes on`, `write at most ${on}`)
    if (severity > history)
      report(
        [...at, 'severity'],
        `${severity} of ${history} measurements can never be`,
        `write at most ${history}`,
      )
  }
}

const RATED = ['source-limit', 'rate-limit', 'target-rate-limit'] as const

function checkParameters({ id, backEnd, parameters }: ConfiguredProfile, report: Report): void {
  if (backEnd === 'mitigator') return
  for (const name of RATED) {
    const one = parameters[name]
    if (one === undefined || one.packetsPerSecond !== undefined || one.bitsPerSecond !== undefined) continue
    const at = ['profiles', id, 'countermeasures', name]
    report(at, 'it has no rate', 'add packetsPerSecond or bitsPerSecond')
  }
}

/** All of it as if everything were on. Problems name the profile and the countermeasure they are about. */
function checkNftables(profiles: readonly ConfiguredProfile[], config: ResolvedConfig, report: Report): void {
  const { hook, devices, sourcesMax, managementPrefixes } = config.protection.nftables
  const place = {
    hook,
    devices,
    sourcesMax,
    managementPrefixes: [...config.policy.managementPrefixes, ...managementPrefixes],
  }
  const desired = profiles
    .filter(({ backEnd, prefixes }) => backEnd === 'nftables' && prefixes.length > 0)
    .map(profile => ({
      ...{ profile, isOn: true },
      modes: Object.fromEntries(
        countermeasuresOf(profile).map((name): [CountermeasureName, 'on'] => [name, 'on']),
      ),
    }))
  const compiled = compile(desired, place)
  if (compiled.kind === 'compiled') {
    for (const note of compiled.notes) report(...placeOf(note, profiles), undefined, 'warning')
    return
  }
  // A rate that is missing is told above, with its place.
  for (const problem of compiled.problems)
    if (!problem.includes('has no threshold')) report(...placeOf(problem, profiles))
}

function placeOf(problem: string, profiles: readonly ConfiguredProfile[]): [SettingPath, string] {
  const [, id = '', rest = ''] = /^profile ([^:]+): (.*)$/s.exec(problem) ?? []
  const profile = profiles.find(one => one.id === id)
  if (profile === undefined) return [['nftables'], problem]
  const [, name = '', what = ''] = /^([a-z-]+): (.*)$/s.exec(rest) ?? []
  const known = countermeasuresOf(profile).find(one => one === name)
  return known === undefined ? [['profiles', id], rest] : [['profiles', id, 'countermeasures', known], what]
}

function checkMitigator({ protection }: ResolvedConfig, report: Report): void {
  const settled = mitigatorSettingsOf(protection.mitigator, '')
  if (settled.kind === 'settings') return
  for (const problem of settled.problems) {
    const [, key = '', what = problem] = /^protection\.mitigator\.(\w+):? (.*)$/s.exec(problem) ?? []
    // Whoever checks may not be who runs it: files and the environment may be others then.
    const severity = key === 'server' || key === 'user' ? 'error' : 'warning'
    const hint = 'docs/operate/protection.md has an example'
    report(['mitigator', ...(key === '' ? [] : [key])], what, hint, severity)
  }
}

const parsed = (texts: readonly string[]): Prefix[] => texts.flatMap(text => parsePrefix(text) ?? [])
