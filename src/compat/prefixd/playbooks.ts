// prefixd's playbooks.yaml becomes native playbooks, whose later steps are really reached.

import { z } from 'zod'
import { type PlaybookConfig, playbooksSchema } from '#6-policy/playbook-config.ts'
import { formatPath, hasErrors, type Problem, type SettingPath } from '#lib/schema/problem.ts'
import type { PrefixdErrorCode } from './errors.ts'
import { type KeyReport, reportKeys, sayKeys } from './key-report.ts'
import { nativeTree, type Placed } from './native-tree.ts'
import { faultsOf, isTtl } from './playbook-rules.ts'
import {
  type PrefixdPlaybook,
  type PrefixdStep,
  type PrefixdVector,
  prefixdPlaybooksSchema,
} from './playbooks-schema.ts'
import { readSettings } from './read-settings.ts'
import { Reading } from './reading.ts'

/** What prefixd.yaml says about playbooks. */
export interface PlaybookBasis {
  /** Of a step that says 0. */
  readonly defaultTtlSeconds: number
  readonly ttlSeconds: { readonly minimum: number; readonly maximum: number }
  readonly escalation: {
    readonly isEnabled: boolean
    /** The least of both for every later step. */
    readonly seconds: number
    /** 0 to 1. */
    readonly confidence: number
    /** The most for every later step. */
    readonly maximumTtlSeconds: number
  }
}

export type ReadPlaybooks =
  | {
      readonly kind: 'ok'
      readonly playbooks: readonly PlaybookConfig[]
      readonly placed: readonly Placed[]
      readonly problems: readonly Problem[]
      readonly keys: readonly KeyReport[]
    }
  | { readonly kind: 'refused'; readonly problems: readonly Problem[] }

/**
 * Reads the text of a playbooks.yaml. What prefixd's API would refuse and its file may say refuses the file, in its words;
 * but for a step of 0 seconds, which prefixd takes for the default.
 */
export function readPlaybooks(text: string, file: string, basis: PlaybookBasis): ReadPlaybooks {
  const read = readSettings(text, file, prefixdPlaybooksSchema)
  if (read.kind === 'refused') return read
  const { settings, source } = read
  const reading = new Reading(source)
  sayFaults(settings.playbooks, reading, basis)
  sayRepeated(settings.playbooks, reading)
  for (const [to, { playbook, at }] of inOrder(settings.playbooks).entries()) {
    sayIgnored(playbook, ['playbooks', at], reading)
    carryPlaybook(playbook, { to: ['playbooks', to], from: ['playbooks', at] }, reading, basis)
  }
  sayKeys('playbooks.yaml', source.settings, reading)
  const said = [...read.problems, ...reading.problems]
  if (hasErrors(said)) return { kind: 'refused', problems: said }
  const { placed } = reading
  const shaped = shape(placed)
  const problems = [...said, ...shaped.problems]
  if (hasErrors(problems)) return { kind: 'refused', problems }
  const keys = reportKeys('playbooks.yaml', source.settings, path => reading.place(path, 'key'))
  return { kind: 'ok', playbooks: shaped.playbooks, placed, problems, keys }
}

interface Shaped {
  readonly playbooks: readonly PlaybookConfig[]
  readonly problems: readonly Problem[]
}

/** Native playbooks, or what they may not be: prefixd has no bounds for some of it. */
function shape(placed: readonly Placed[]): Shaped {
  const { settings, locate } = nativeTree(placed)
  const shaped = wholeSchema.safeParse(settings)
  if (shaped.success) return { playbooks: shaped.data.playbooks, problems: [] }
  const problems = shaped.error.issues.flatMap(({ path, message }): Problem[] => {
    const native = path.map(step => (typeof step === 'number' ? step : String(step)))
    const place = locate(native)
    const code: PrefixdErrorCode = 'prefixd-value'
    const words = {
      code,
      severity: 'error',
      message: `not possible here: ${message}`,
      hint: undefined,
    } as const
    return place === undefined ? [] : [{ ...place, ...words, path: formatPath(native) }]
  })
  return { playbooks: [], problems }
}

const wholeSchema = z.object({ playbooks: playbooksSchema })

function sayFaults(playbooks: readonly PrefixdPlaybook[], reading: Reading, basis: PlaybookBasis): void {
  for (const { path, text } of faultsOf(playbooks)) {
    const [at, , step, key] = path
    const ttl =
      key === 'ttl_seconds' && typeof at === 'number' && typeof step === 'number'
        ? playbooks[at]?.steps[step]?.ttl_seconds
        : undefined
    const from = ['playbooks', ...path]
    if (ttl === 0) {
      const message = `${text}; ${basis.defaultTtlSeconds} is taken (timers.default_ttl_seconds)`
      reading.say('warning', 'prefixd-playbook', from, message)
    } else if (path.length === 0) {
      // prefixd starts with it, and answers nothing.
      reading.say('warning', 'prefixd-playbook', from, `${text}: without one no attack is answered`)
    } else {
      reading.say('error', 'prefixd-playbook', from, text)
    }
  }
}

/** Of two for the same vector the second is there for events without ports only. */
function sayRepeated(playbooks: readonly PrefixdPlaybook[], reading: Reading): void {
  const answered = new Map<PrefixdVector, string>()
  for (const [at, { name, match }] of playbooks.entries()) {
    const before = answered.get(match.vector)
    if (before !== undefined) {
      const message = `never reached: ${JSON.stringify(before)} answers every ${match.vector} before it`
      reading.say('warning', 'prefixd-unreachable', ['playbooks', at, 'match', 'vector'], message)
    } else if (!match.require_top_ports) {
      answered.set(match.vector, name)
    }
  }
}

/** Values whose keys have no effect beside them. */
function sayIgnored({ steps }: PrefixdPlaybook, from: SettingPath, reading: Reading): void {
  for (const [at, { action, rate_bps }] of steps.entries()) {
    if (action !== 'discard' || typeof rate_bps !== 'number') continue
    const path = [...from, 'steps', at, 'rate_bps']
    reading.say('notice', 'prefixd-not-carried', path, 'rate_bps has no effect beside discard, as in prefixd')
  }
}

/** In prefixd each vector is one of its own. The native type unknown holds others too, so it is asked last. */
function inOrder(playbooks: readonly PrefixdPlaybook[]): { playbook: PrefixdPlaybook; at: number }[] {
  const numbered = playbooks.map((playbook, at) => ({ playbook, at }))
  const isUnknown = ({ playbook }: { playbook: PrefixdPlaybook }) => playbook.match.vector === 'unknown'
  return [...numbered.filter(one => !isUnknown(one)), ...numbered.filter(isUnknown)]
}

const VECTORS: Readonly<Record<PrefixdVector, string>> = {
  udp_flood: 'udp_flood',
  syn_flood: 'syn_flood',
  ack_flood: 'ack-flood',
  icmp_flood: 'icmp_flood',
  unknown: 'unknown',
}

interface Paths {
  readonly to: SettingPath
  readonly from: SettingPath
}

function carryPlaybook(
  { name, match, steps, correlation }: PrefixdPlaybook,
  { to, from }: Paths,
  reading: Reading,
  basis: PlaybookBasis,
): void {
  reading.carry([...to, 'name'], name, [...from, 'name'])
  reading.carry([...to, 'match', 'vectors'], [VECTORS[match.vector]], [...from, 'match', 'vector'])
  if (match.require_top_ports)
    reading.carry([...to, 'match', 'requirePorts'], true, [...from, 'match', 'require_top_ports'])
  carryAgreement(correlation, { to: [...to, 'agreement'], from: [...from, 'correlation'] }, reading)
  const reached = basis.escalation.isEnabled ? steps : steps.slice(0, 1)
  for (const [at, step] of reached.entries()) {
    const paths = { to: [...to, 'steps', at], from: [...from, 'steps', at] }
    carryStep(step, at, paths, reading, basis)
    // The first step has no time to wait for, so it does not shorten that of the second.
    if (at > 0) carryEscalation(step, at === 1 ? undefined : steps[at - 1], paths, reading, basis)
  }
  const second = [...from, 'steps', 1]
  if (steps.length === 1) return
  if (reached.length === 1)
    reading.say('notice', 'prefixd-not-carried', second, 'never reached: escalation.enabled is false')
  else
    reading.say(
      'notice',
      'prefixd-now-real',
      second,
      `${steps.length === 2 ? 'the second step is' : 'later steps are'} really reached here; prefixd never goes beyond the first`,
    )
}

function carryAgreement(
  correlation: PrefixdPlaybook['correlation'],
  { to, from }: Paths,
  reading: Reading,
): void {
  const carry = (native: string, key: keyof NonNullable<typeof correlation>) =>
    reading.carry([...to, native], correlation?.[key], [...from, key])
  carry('minSources', 'min_sources')
  carry('threshold', 'confidence_threshold')
  carry('halfLifeSeconds', 'confidence_decay_half_life_seconds')
}

function carryStep(
  { action, rate_bps, ttl_seconds }: PrefixdStep,
  at: number,
  { to, from }: Paths,
  reading: Reading,
  { defaultTtlSeconds, ttlSeconds: { minimum, maximum }, escalation }: PlaybookBasis,
): void {
  reading.carry([...to, 'name'], `${at + 1} ${action}`, [...from, 'action'])
  const kind = action === 'police' ? 'rate-limit' : 'discard'
  reading.carry([...to, 'actions', 0, 'kind'], kind, [...from, 'action'])
  // Named, so that gobgpd is there for it without a next hop for blackholes.
  reading.carry([...to, 'actions', 0, 'enforcer'], 'gobgp', [...from, 'action'])
  if (action === 'police')
    reading.carry([...to, 'actions', 0, 'bitsPerSecond'], rate_bps, [...from, 'rate_bps'])
  const wanted = ttl_seconds === 0 ? defaultTtlSeconds : ttl_seconds
  const fromTtl = [...from, 'ttl_seconds']
  if (isTtl(wanted) && (wanted < minimum || wanted > maximum)) {
    const message = `TTL ${wanted}s out of bounds (min=${minimum}, max=${maximum})`
    const hint =
      'prefixd refuses every attack that this step answers: change the step, or min_ttl_seconds and max_ttl_seconds'
    reading.say('error', 'prefixd-playbook', fromTtl, message, hint)
  }
  const isCut = at > 0 && wanted > escalation.maximumTtlSeconds
  if (isCut) {
    const message = `${escalation.maximumTtlSeconds} is taken (escalation.max_escalated_duration_seconds)`
    reading.say('notice', 'prefixd-now-real', fromTtl, message)
  }
  reading.carry([...to, 'ttlSeconds'], isCut ? escalation.maximumTtlSeconds : wanted, fromTtl)
}

/** In prefixd persistence counts from the beginning; here it is the time on the step before. */
function carryEscalation(
  step: PrefixdStep,
  before: PrefixdStep | undefined,
  { to, from }: Paths,
  reading: Reading,
  { escalation }: PlaybookBasis,
): void {
  const sinceBegin = (one: PrefixdStep) => Math.max(one.require_persistence_seconds ?? 0, escalation.seconds)
  const seconds = Math.max(1, sinceBegin(step) - (before === undefined ? 0 : sinceBegin(before)))
  const after = [...to, 'escalateAfter']
  reading.carry([...after, 'seconds'], seconds, [...from, 'require_persistence_seconds'])
  const confidence = Math.max(step.require_confidence_at_least ?? 0, escalation.confidence)
  reading.carry([...after, 'minimumConfidence'], confidence, [...from, 'require_confidence_at_least'])
}
