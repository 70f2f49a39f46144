// From a file (or none) to a configuration that is ready for use, or to all the reasons why it is refused.

import { existsSync } from 'node:fs'
import { readConf } from '#compat/fastnetmon/conf.ts'
import type { ConfSource, OutsideOfConf } from '#compat/fastnetmon/conf-section.ts'
import type { KeyReport } from '#compat/prefixd/key-report.ts'
import { hasErrors, type Problem, type SettingsSource } from '#lib/schema/problem.ts'
import { readYaml } from '#lib/yaml/read-yaml.ts'
import { checkExport } from './check-export.ts'
import { checkMail } from './check-mail.ts'
import { checkMeaning } from './check-meaning.ts'
import { checkNotify } from './check-notify.ts'
import { checkScript } from './check-script.ts'
import { checkWebhooks } from './check-webhooks.ts'
import type { Config, ResolvedConfig } from './config.ts'
import type { ConfigErrorCode } from './errors.ts'
import { isDirectory, loadPrefixd, prefixdFolderOf } from './load-prefixd.ts'
import { isGiven, type Overrides, withOverrides } from './overrides.ts'
import { ownAddresses } from './own-addresses.ts'
import { trimProblems } from './problems.ts'
import { decodeLeniently, decodeUtf8, readBounded } from './read-file.ts'
import { resolveNetworks } from './resolve-networks.ts'
import { get, validate } from './validate.ts'

const FILE_BYTES_MAX = 1024 * 1024
/** Lists beside a fastnetmon.conf may be long: 16 MiB hold about a million prefixes. */
const LIST_BYTES_MAX = 16 * 1024 * 1024

export type Origin = 'defaults' | 'native' | 'fastnetmon' | 'prefixd'

export type Loaded =
  | {
      readonly kind: 'ok'
      readonly config: ResolvedConfig
      readonly origin: Origin
      /** `enable_ban = on` in a fastnetmon.conf, `mode: enforced` in a prefixd.yaml: armed for exactly what it names. */
      readonly isOrdered: boolean
      /** What became of each key of a folder of prefixd; empty for other files. */
      readonly keys: readonly KeyReport[]
      /** Warnings and notices. */
      readonly problems: readonly Problem[]
      /** What was written, before defaults and own addresses were filled in. */
      readonly source: SettingsSource
    }
  | { readonly kind: 'refused'; readonly problems: readonly Problem[] }

export interface LoadOptions {
  /** `undefined`: the defaults, which watch this machine and change nothing. */
  readonly file?: string | undefined
  /** What the file would say; missing: it is read. */
  readonly text?: string
  readonly overrides?: Overrides
  /** Addresses that `networks: own` stands for. */
  readonly ownAddresses?: () => readonly string[]
}

/** Reads, merges and checks a configuration. Any error refuses all of it; nothing is thrown for what a file says. */
export function loadConfig(options: LoadOptions = {}): Loaded {
  const overrides = options.overrides ?? {}
  const { file, text } = options
  const opened =
    file === undefined || text === undefined ? open(file) : parse(new TextEncoder().encode(text), file)
  if (opened.kind === 'refused') return opened
  const source = withOverrides(opened.source, overrides)
  const validated = validate(source)
  if (validated.kind === 'refused') return refuse(validated.problems)
  const chosen = { ...validated.config, capture: captureOf(validated.config, source) }
  const resolved = resolveNetworks(chosen, source, options.ownAddresses ?? ownAddresses)
  const problems = [
    ...validated.problems.filter(problem => !isSettledBy(overrides, problem)),
    ...resolved.problems,
    ...checkMeaning(resolved.config, source),
    ...checkScript(resolved.config, source),
    ...checkMail(resolved.config, source),
    ...checkExport(resolved.config, source),
    ...checkWebhooks(resolved.config, source, opened.origin === 'prefixd'),
    ...checkNotify(resolved.config, source),
  ]
  if (hasErrors(problems)) return refuse(problems)
  return {
    kind: 'ok',
    config: resolved.config,
    origin: opened.origin,
    isOrdered: opened.isOrdered,
    keys: opened.keys,
    problems: trimProblems(problems),
    source,
  }
}

/** Who names where telemetry arrives and nothing to capture on, wants the one and not the other. */
function captureOf({ capture, telemetry }: Config, { settings }: SettingsSource): Config['capture'] {
  const isChosen = get(settings, ['capture', 'method']) !== undefined || capture.interfaces.length > 0
  return telemetry.listen.length + telemetry.tcp.length === 0 || isChosen
    ? capture
    : { ...capture, method: 'off' }
}

type Opened =
  | {
      readonly kind: 'ok'
      readonly source: SettingsSource
      readonly origin: Origin
      readonly isOrdered: boolean
      readonly keys: readonly KeyReport[]
    }
  | { readonly kind: 'refused'; readonly problems: readonly Problem[] }

function open(file: string | undefined): Opened {
  if (file === undefined)
    return { kind: 'ok', source: NOTHING_WRITTEN, origin: 'defaults', isOrdered: false, keys: [] }
  const folder = prefixdFolderOf(file)
  if (folder !== undefined) {
    const source = loadPrefixd(folder)
    return { kind: 'ok', source, origin: 'prefixd', isOrdered: source.isOrdered, keys: source.keys }
  }
  const read = readBounded(file, FILE_BYTES_MAX)
  switch (read.kind) {
    case 'missing':
      return refuseFile(file, 'config-unreadable', 'there is no such file')
    case 'too-large':
      return refuseFile(file, 'config-too-large', 'the file is larger than 1 MiB')
    case 'failed':
      return refuseFile(
        file,
        'config-unreadable',
        isDirectory(file) ? 'it is a folder, and no prefixd.yaml is in it' : read.error,
      )
    case 'ok':
      return parse(read.bytes, file)
  }
}

function parse(bytes: Uint8Array, file: string): Opened {
  if (isConf(file, decodeLeniently(bytes))) {
    // FastNetMon does not care about the encoding of comments, so neither do we.
    const source: ConfSource = readConf(decodeLeniently(bytes), file, OUTSIDE_OF_CONF)
    return { kind: 'ok', source, origin: 'fastnetmon', isOrdered: source.isOrdered, keys: [] }
  }
  const decoded = decodeUtf8(bytes)
  if (decoded.kind === 'ok')
    return { kind: 'ok', source: readYaml(decoded.text, file), origin: 'native', isOrdered: false, keys: [] }
  const { line, column } = decoded
  return refuseFile(file, 'config-not-utf8', 'the text is not UTF-8 from here on', { line, column })
}

/** By the end of the name and the first line that says something: `key = value`, or `key:` as YAML writes it. */
function isConf(file: string, text: string): boolean {
  if (/\.ya?ml$/i.test(file)) return false
  const first = text.split('\n', 1000).find(line => !/^\s*(#|$)/.test(line)) ?? ''
  if (/^\s*\w+\s*=/.test(first)) return true
  return /\.conf$/i.test(file) && !/^\s*\w+:(\s|$)/.test(first)
}

const OUTSIDE_OF_CONF: OutsideOfConf = {
  exists: existsSync,
  readList(path) {
    const read = readBounded(path, LIST_BYTES_MAX)
    if (read.kind === 'ok') return { kind: 'ok', text: decodeLeniently(read.bytes) }
    return read.kind === 'too-large' ? { kind: 'failed', error: 'it is larger than 16 MiB' } : read
  },
}

const NOTHING_WRITTEN: SettingsSource = {
  settings: {},
  problems: [],
  locate: () => ({ file: 'defaults', line: 0, column: 0 }),
}

/** A notice on which way of judging a file has chosen says nothing once the command line has chosen. */
const isSettledBy = (overrides: Overrides, problem: Problem): boolean =>
  (isGiven(overrides.detection) && problem.code === 'fastnetmon-plain-mode') ||
  (isGiven(overrides.interfaces) && NO_CAPTURE.includes(problem.code))

const NO_CAPTURE: readonly string[] = ['fastnetmon-no-capture', 'prefixd-no-capture']

const refuse = (problems: readonly Problem[]): Extract<Loaded, { kind: 'refused' }> => ({
  kind: 'refused',
  problems: trimProblems(problems),
})

function refuseFile(
  file: string,
  code: ConfigErrorCode,
  message: string,
  position: { line: number; column: number } = { line: 0, column: 0 },
): Extract<Opened, { kind: 'refused' }> {
  const problem: Problem = { file, ...position, code, severity: 'error', path: '', message, hint: undefined }
  return { kind: 'refused', problems: [problem] }
}
