// Verbs the command line does not carry out itself: those that work without a daemon, and the traffic screen. It reads
// their options; main.ts joins them with who does the work.

import type { SimulateRequest, Simulation } from '#api/contract/simulate.ts'
import type { Door } from '#lib/door.ts'
import type { RouterName } from '#lib/flowspec/router-profile/profile.ts'
import type { Io, Output } from './io.ts'

/** Options every verb has. */
export interface CommonOptions {
  /** Say more: stacks and causes of errors, and log level debug. */
  readonly debug: boolean
}

/** Where state and control socket of a daemon are, by the rule of `lib/state-directory.ts`. */
export interface PlaceOptions {
  readonly state: string
  readonly socket: string
}

export type DetectionMode = 'budget' | 'plain'
export type ReplaySpeed = 'full' | 'recorded' | number

export interface RunOptions extends CommonOptions, PlaceOptions {
  /** Interfaces to capture on; empty: as configured. */
  readonly interfaces: readonly string[]
  /** Native file or `fastnetmon.conf`; undefined: no configuration. */
  readonly config: string | undefined
  /** Overrides the configuration. */
  readonly detection: DetectionMode | undefined
  /** `host:port` or `off`; overrides the configuration. */
  readonly metrics: string | undefined
  readonly logFormat: 'auto' | 'text' | 'json' | 'fastnetmon' | undefined
  /** Absolute; undefined: as configured. */
  readonly logFile: string | undefined
  readonly logLevel: 'debug' | 'info' | 'warn' | 'error' | undefined
  /** A path or `off`; overrides the configuration. */
  readonly pidFile: string | undefined
  /** What becomes of bans when the daemon is stopped; overrides the configuration. */
  readonly onStop: 'keep' | 'withdraw' | undefined
  /** Return as soon as the daemon runs in the background. */
  readonly daemonize: boolean
}

export interface CheckOptions extends CommonOptions {
  readonly file: string
  readonly json: boolean
  /** Print the native equivalent instead of what the file means. */
  readonly toYaml: boolean
}

export interface ReplayOptions extends CommonOptions {
  /** A pcap or pcapng file. */
  readonly file: string
  readonly config: string | undefined
  /** Prefixes that are watched; undefined: as configured. */
  readonly networks: readonly string[] | undefined
  readonly detection: DetectionMode | undefined
  /** Packets as fast as they can be read, as they were recorded, or so many times faster. */
  readonly speed: ReplaySpeed
  /** Decode flow telemetry also when the configuration names no ports for it. */
  readonly telemetry: boolean
  /** Tell which rules are proposed. */
  readonly rules: boolean
  /** Program to call for each event; undefined: none is called, whatever the configuration says. */
  readonly script: string | undefined
  readonly json: boolean
}

export interface ScriptTestOptions extends CommonOptions {
  /** The program; undefined: that of the configuration. */
  readonly path: string | undefined
  readonly config: string | undefined
  readonly json: boolean
}

export interface DoctorOptions extends CommonOptions, PlaceOptions {
  readonly config: string | undefined
  readonly json: boolean
}

export interface BackupOptions extends CommonOptions, PlaceOptions {
  readonly door: Door
  /** The archive, absolute. */
  readonly file: string
  /** Configuration of the daemon; asked for only when none runs. */
  readonly config: string | undefined
}

export interface RestoreOptions extends BackupOptions {
  /** Where the configuration of the archive is written to, absolute; undefined: nowhere. */
  readonly writeConfig: string | undefined
}

export interface VerifyOptions extends CommonOptions, PlaceOptions {
  readonly door: Door
  readonly config: string | undefined
  readonly json: boolean
}

export interface TopOptions extends CommonOptions {
  readonly door: Door
  /** Undefined: as the daemon is configured. */
  readonly sort: 'packets' | 'bytes' | 'flows' | undefined
  readonly limit: number | undefined
  /** Print the screen once, also on a terminal. */
  readonly once: boolean
  readonly json: boolean
}

export interface SimulateOptions {
  /** Native file, `fastnetmon.conf` or folder of prefixd. */
  readonly config: string
  readonly request: SimulateRequest
}

export const DISTILL_FORMATS = [
  'text',
  'json',
  'ddps',
  'gobgp',
  'exabgp',
  'junos',
  'ios-xr',
  'nftables',
] as const
export type DistillFormat = (typeof DISTILL_FORMATS)[number]

interface Ports {
  readonly from: number
  readonly to: number
}

export interface DistillOptions extends CommonOptions {
  /** `-`: standard input. */
  readonly file: string
  /** Calm traffic of the target; undefined: not known. */
  readonly normal: string | undefined
  /** Prefix; undefined: as the file says, or what most packets go to. */
  readonly target: string | undefined
  readonly direction: 'incoming' | 'outgoing' | undefined
  readonly rulesMax: number
  /** Undefined: discard. */
  readonly rateBytesPerSecond: number | undefined
  readonly router: RouterName | undefined
  readonly mode: 'floodwarden' | 'ddps'
  /** Ports at the target that belong to a service; undefined: nobody says. */
  readonly services: { readonly tcp?: readonly Ports[]; readonly udp?: readonly Ports[] } | undefined
  readonly lengths: 'ip' | 'frame' | undefined
  readonly format: DistillFormat
  readonly description: string | undefined
  readonly minutes: number | undefined
  readonly ddpsFields: 'range' | 'values'
  readonly ddpsValuesMax: number
  /** 0 to 1. */
  readonly ddpsValuesShare: number
  readonly ddpsLinesMin: number
}

export interface DecodeOptions {
  /** As FastNetMon gives them; undefined: only what waits is sent. */
  readonly call:
    | { readonly ip: string; readonly direction: string; readonly pps: string; readonly action: string }
    | undefined
  readonly isVerbose: boolean
  readonly environment: Readonly<Record<string, string | undefined>>
}

/** What is asked of a MITIGATOR. `notify` is FastNetMon's script; its call is undefined when only what is left is done. */
export type MitigatorWish =
  | { readonly kind: 'notify'; readonly call: DecodeOptions['call']; readonly isVerbose: boolean }
  | { readonly kind: 'check'; readonly victim: string | undefined; readonly writes: boolean }
  | { readonly kind: 'preset'; readonly policy: number | undefined; readonly isConfirmed: boolean }
  | {
      readonly kind: 'switch'
      readonly name: string
      readonly policy: number | undefined
      /** Undefined: it is shown. */
      readonly isOn: boolean | undefined
    }
  | {
      readonly kind: 'block'
      readonly sources: readonly string[]
      readonly target: string
      readonly ttlSeconds: number
    }

export interface RulePostOptions extends CommonOptions {
  /** Rules of DDPS's fourteen keys; `-`: standard input. */
  readonly file: string
  /** Address of a DDPS API. */
  readonly url: string
  /** File with user and password. */
  readonly credentialsFile: string
  readonly caFile: string | undefined
  readonly timeoutSeconds: number
}

/** The usual preset of a protection profile, in a native configuration. */
export interface ProtectPresetOptions {
  readonly file: string
  readonly profile: string
  readonly isConfirmed: boolean
}

/** What is asked of nftables on this machine; what changes something does so only with `isSure`. */
export type ProtectRequest =
  | { readonly kind: 'preview'; readonly file: string }
  | {
      readonly kind: 'apply'
      readonly file: string
      readonly isSure: boolean
      readonly maySetKernel: boolean
    }
  | { readonly kind: 'remove'; readonly isSure: boolean }
  | {
      readonly kind: 'block'
      readonly profile: string
      readonly sources: readonly string[]
      readonly isSure: boolean
    }
  | { readonly kind: 'counters' | 'blocked'; readonly json: boolean }

/** A rule of a file of DDPS's, as our text form has it. */
export interface RuleOfFile {
  /** The file, and where in it. */
  readonly at: string
  readonly rule: string
  readonly isWatched: boolean
  readonly seconds: number
  readonly description: string
}

export interface RulesOfFiles {
  readonly rules: readonly RuleOfFile[]
  readonly problems: readonly { readonly at: string; readonly problem: string }[]
}

/** Each verb prints through `output` and returns the exit code: 0 ok, 1 refused or failed. */
export interface LocalVerbs {
  run(options: RunOptions, output: Output): Promise<number>
  check(options: CheckOptions, output: Output): Promise<number>
  replay(options: ReplayOptions, output: Output): Promise<number>
  distill(options: DistillOptions, output: Output): Promise<number>
  rulePost(options: RulePostOptions, output: Output): Promise<number>
  decodeAttack(options: DecodeOptions, output: Output): Promise<number>
  protect(request: ProtectRequest, output: Output): Promise<number>
  protectPreset(options: ProtectPresetOptions, io: Output & Pick<Io, 'question'>): Promise<number>
  mitigator(wish: MitigatorWish, io: Output & Pick<Io, 'environment' | 'question'>): Promise<number>
  scriptTest(options: ScriptTestOptions, output: Output): Promise<number>
  doctor(options: DoctorOptions, output: Output): Promise<number>
  /** `undefined`: it could not, and said why. */
  simulate(options: SimulateOptions, output: Output): Promise<Simulation | undefined>
  top(options: TopOptions, output: Output): Promise<number>
  /** Reads files and folders of rules as DDPS writes them. */
  ruleFiles(options: { readonly files: readonly string[] }): Promise<RulesOfFiles>
  verifyAudit(options: VerifyOptions, output: Output): Promise<number>
  backup(options: BackupOptions, output: Output): Promise<number>
  restore(options: RestoreOptions, output: Output): Promise<number>
}
