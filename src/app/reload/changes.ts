// What a reload does with a changed file: which settings take effect at once, and which wait for a restart.

import { isDeepStrictEqual } from 'node:util'
import { formatPath } from '#lib/schema/problem.ts'
import { announcersOf } from '../config/carriers.ts'
import type { ResolvedConfig } from '../config/config.ts'

export interface ReloadPlan {
  /** What is in force afterwards: the new file, but for what cannot change while the daemon runs. */
  readonly config: ResolvedConfig
  /** Settings that are otherwise from now on, each with a word about how. */
  readonly changed: readonly string[]
  /** Settings of the file that are otherwise and not in force, because something else than the file is: each with the reason. */
  readonly overruled: readonly string[]
  /** Settings of the file that stay as they were until a restart, each with the reason. */
  readonly needsRestart: readonly string[]
}

/**
 * `before` is in force, `after` is what the file says now. Whatever is not named here waits for a restart. `whyNot` says of a
 * setting that something else than the file is in force.
 */
export function planReload(
  before: ResolvedConfig,
  after: ResolvedConfig,
  whyNot: (path: string) => string | undefined = () => undefined,
): ReloadPlan {
  const config: ResolvedConfig = {
    ...before,
    networks: after.networks,
    whitelist: after.whitelist,
    whitelistSources: after.whitelistSources,
    whitelistRules: after.whitelistRules,
    hostgroups: after.hostgroups,
    telemetry: {
      ...before.telemetry,
      exporters: after.telemetry.exporters,
      fallbackSamplingRate: after.telemetry.fallbackSamplingRate,
      exportersMax: after.telemetry.exportersMax,
    },
    detection: { ...after.detection, mode: before.detection.mode },
    evidence: {
      ...before.evidence,
      packets: after.evidence.packets,
      collectSeconds: after.evidence.collectSeconds,
      files: after.evidence.files,
      distill: after.evidence.distill,
    },
    policy: after.policy,
    inventory: after.inventory,
    playbooks: playbooksAfter(before, after),
    mitigation: after.mitigation,
    signals: after.signals,
    enforcement: { ...before.enforcement, notifyScript: after.enforcement.notifyScript },
    protection: { ...after.protection, mitigator: before.protection.mitigator },
    notify: after.notify,
    outgoing: after.outgoing,
    metrics: { ...after.metrics, listen: before.metrics.listen },
    export: after.export,
    screen: after.screen,
    api: { ...before.api, access: accessAfter(before, after) },
    log: { ...before.log, level: after.log.level },
    store: { ...before.store, retention: after.store.retention },
  }
  const told = differences(before, config).map(({ path, was, is }) => {
    return { text: `${path}${howText(was, is)}`, why: whyNot(path) }
  })
  return {
    config,
    changed: told.filter(({ why }) => why === undefined).map(({ text }) => text),
    overruled: told.flatMap(({ text, why }) => (why === undefined ? [] : [`${text}: ${why}`])),
    needsRestart: differences(config, after).map(({ path }) => `${path} (${reasonOf(path)})`),
  }
}

/** By the first parts of a path: why it cannot change while the daemon runs. The first that fits says it. */
const REASONS = [
  ['capture', 'rings and capture workers are laid out at the start'],
  ['telemetry', 'sockets are opened and their workers begun at the start'],
  ['traffic', 'memory for counters is laid out at the start'],
  ['detection.mode', 'counters and averages are laid out for it at the start'],
  ['playbooks', 'an enforcer they need is only there after it'],
  ['enforcement.exabgp', 'routes that are announced by the old settings could not be taken back'],
  ['enforcement.gobgp', 'routes that are announced by the old settings could not be taken back'],
  ['protection.mitigator', 'what is switched on by the old settings could not be put back'],
  ['api.access', 'it is read at the start, or what is listened on would be open to everybody'],
  ['api', 'what is listened on is opened at the start'],
  ['metrics', 'what is listened on is opened at the start'],
  ['compatibility', 'what is listened on is opened at the start'],
  ['log', 'the log is opened at the start'],
  ['store', 'the state is opened at the start'],
  ['process', 'the process writes it at the start'],
] as const

const reasonOf = (path: string): string =>
  REASONS.find(([first]) => path === first || path.startsWith(`${first}.`))?.[1] ?? 'it is read at the start'

/** The shared token is read at the start. Nobody gets in unnamed by where the new file would listen, but does not yet. */
function accessAfter({ api: before }: ResolvedConfig, { api: after }: ResolvedConfig) {
  const { bearerTokenEnv: _, bearerTokenFile: __, ...access } = after.access
  const { bearerTokenEnv, bearerTokenFile } = before.access
  const isMoved = !isDeepStrictEqual([before.listen, before.tls], [after.listen, after.tls])
  return {
    ...access,
    ...(bearerTokenEnv === undefined ? {} : { bearerTokenEnv }),
    ...(bearerTokenFile === undefined ? {} : { bearerTokenFile }),
    ...(isMoved ? { mode: before.access.mode } : {}),
  }
}

/** Not those that need an enforcer whose settings wait for a restart. */
function playbooksAfter(before: ResolvedConfig, after: ResolvedConfig): ResolvedConfig['playbooks'] {
  const { exabgp, gobgp } = before.enforcement
  const possible = announcersOf({ ...after, enforcement: { ...after.enforcement, exabgp, gobgp } })
  const needed = announcersOf(after)
  return [...needed].every(name => possible.has(name)) ? after.playbooks : before.playbooks
}

interface Difference {
  readonly path: string
  readonly was: unknown
  readonly is: unknown
}

/** Every setting that is not the same in both. Lists are settings as a whole. */
function differences(before: unknown, after: unknown, path: readonly string[] = []): Difference[] {
  if (isDeepStrictEqual(before, after)) return []
  if (!isSection(before) || !isSection(after)) return [{ path: formatPath(path), was: before, is: after }]
  const keys = [...new Set([...Object.keys(before), ...Object.keys(after)])]
  return keys.flatMap(key => differences(Reflect.get(before, key), Reflect.get(after, key), [...path, key]))
}

const isSection = (value: unknown): value is object =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** Numbers and switches are told; of a list how much came and went; of text nothing, it may be a secret. */
function howText(was: unknown, is: unknown): string {
  if (Array.isArray(was) && Array.isArray(is)) {
    const [old, now] = [new Set(was.map(entryText)), new Set(is.map(entryText))]
    const [added, removed] = [now.difference(old).size, old.difference(now).size]
    return ` (${added} added, ${removed} removed)`
  }
  if (was === undefined) return ' (new)'
  if (is === undefined) return ' (gone)'
  return isPlain(was) && isPlain(is) ? ` (${was} -> ${is})` : ''
}

const entryText = (entry: unknown): string => JSON.stringify(entry) ?? ''

const isPlain = (value: unknown): value is number | boolean =>
  typeof value === 'number' || typeof value === 'boolean'
