// From a file to rules: reads it, finds out whom it is about, names the attack, and distils.

import type { Finding } from '#4-detection/attack.ts'
import { type Chosen, chooseVictim, type Wish } from '#5-evidence/distill/choose-victim.ts'
import { distill } from '#5-evidence/distill/distill.ts'
import type { Distilled, DistillInput, DistillSample, Legitimate } from '#5-evidence/distill/distillation.ts'
import { noteOf, type Recording } from '#5-evidence/distill/recording.ts'
import type { CountedLengths } from '#5-evidence/distill/sample-of-record.ts'
import { findingOf } from '#5-evidence/shape-of-packets.ts'
import { distillDdps } from '#compat/ddps/distill/distill-ddps.ts'
import { DDPS_DISTILLING, type DdpsDistilling } from '#compat/ddps/distill/settings.ts'
import { fit } from '#lib/flowspec/router-profile/fit.ts'
import { ROUTER_PROFILES, type RouterName } from '#lib/flowspec/router-profile/profile.ts'
import type { Action } from '#lib/flowspec/rule.ts'
import { bitsOf, formatAddress } from '#lib/ip/address.ts'
import { formatPrefix, type Prefix } from '#lib/ip/prefix.ts'
import { readRecording } from './read-recording.ts'

export interface DistillSettings {
  readonly wish: Wish
  /** File with the target's traffic in calm. */
  readonly normal?: string
  readonly mode: 'floodwarden' | 'ddps'
  /** Of mode `ddps`. */
  readonly ddps: DdpsDistilling
  readonly action: Action
  readonly rulesMax: number
  readonly router?: RouterName
  readonly legitimate?: Legitimate
  /** What sizes in reports count; missing: unknown, and for DDPS what IP counts. */
  readonly lengths?: CountedLengths
}

export const DISTILL_SETTINGS: DistillSettings = {
  wish: {},
  mode: 'floodwarden',
  ddps: DDPS_DISTILLING,
  action: { kind: 'discard' },
  rulesMax: 3,
}

/** What was found out, for whoever prints it. */
export interface Distillation {
  readonly form: Recording['form']
  readonly mode: DistillSettings['mode']
  readonly victim: Extract<Chosen, { kind: 'chosen' }>
  readonly finding: Finding | undefined
  /** Calm samples of the target; undefined when no file of them was named. */
  readonly normalSamples: number | undefined
  readonly distilled: Distilled
  readonly notes: readonly string[]
}

export type Distilling =
  | { readonly kind: 'done'; readonly distillation: Distillation }
  | { readonly kind: 'refused'; readonly problem: string }

/** Packets of a file that are looked at, of the attack and of calm. */
export const ATTACK_MAX = 20_000
const NORMAL_MAX = 50_000

export function distillFile(path: string, settings: DistillSettings): Distilling {
  const read = readRecording(path, {
    wish: settings.wish,
    lengths: lengthsOf(settings),
    packetsMax: ATTACK_MAX,
  })
  if (read.kind === 'refused') return { kind: 'refused', problem: `${path}: ${read.problem}` }
  const made = distillRecording(read.recording, settings)
  return made.kind === 'done' ? made : { kind: 'refused', problem: `${path}: ${made.problem}` }
}

/** What sizes in a report count, unless somebody says. */
export const lengthsOf = ({ lengths, mode }: DistillSettings): CountedLengths =>
  lengths ?? (mode === 'ddps' ? 'ip' : 'untold')

export function distillRecording(recording: Recording, settings: DistillSettings): Distilling {
  const { mode, router } = settings
  const lengths = lengthsOf(settings)
  const victim = chooseVictim(recording, settings.wish)
  if (victim.kind === 'none') return { kind: 'refused', problem: victim.reason }
  const calm = readCalm(victim, lengths, settings.normal)
  if (calm.kind === 'refused') return calm
  const records = victim.packets.map(({ record }) => record)
  const finding = findingOf(namedBy(victim), records, false)
  const input = inputOf(recording, victim, calm, finding, settings)
  const made = mode === 'ddps' ? fitted(distillDdps(input, settings.ddps), router) : distill(input)
  if (typeof made === 'string') return { kind: 'refused', problem: made }
  return {
    kind: 'done',
    distillation: {
      form: recording.form,
      mode,
      victim,
      finding,
      normalSamples: settings.normal === undefined ? undefined : calm.samples.length,
      distilled: made,
      notes: [
        ...recording.notes,
        ...noteOf(victim.left, 'packet', 'left out as not of the attack'),
        ...lengthNote(victim, lengths, mode),
        ...calm.notes,
      ],
    },
  }
}

function inputOf(
  recording: Recording,
  { target, source, packets }: Distillation['victim'],
  calm: Extract<Calm, { kind: 'read' }>,
  finding: Finding | undefined,
  { legitimate, action, rulesMax, router }: DistillSettings,
): DistillInput {
  const named = recording.head.vectors ?? finding?.parts.map(({ vector }) => vector) ?? []
  return {
    family: target.family,
    target,
    ...(source === undefined ? {} : { source }),
    attack: packets.map(({ sample }) => sample),
    normal: calm.samples,
    ...normalRateOf(recording, calm.packetsPerSecond),
    ...(legitimate === undefined ? {} : { legitimate }),
    vectors: named.filter(vector => vector !== 'unknown'),
    action,
    rulesMax,
    ...(router === undefined ? {} : { router: ROUTER_PROFILES[router] }),
  }
}

/** The address or prefix as text. */
export const prefixText = (prefix: Prefix): string =>
  prefix.length === bitsOf(prefix.family) ? formatAddress(prefix) : formatPrefix(prefix)

/** In the terms of an attack: outgoing ones are those of their source. */
function namedBy({ direction, target, source }: Distillation['victim']) {
  const own = source ?? target
  return {
    direction,
    host: formatAddress(own),
    prefixes: [formatPrefix(own)],
    scope: own.length === bitsOf(own.family) ? ('host' as const) : ('prefix' as const),
  }
}

type Calm =
  | {
      readonly kind: 'read'
      readonly samples: readonly DistillSample[]
      readonly packetsPerSecond: number | undefined
      readonly notes: readonly string[]
    }
  | { readonly kind: 'refused'; readonly problem: string }

/** Of the calm file only what goes to the same target counts. */
function readCalm(victim: Distillation['victim'], lengths: CountedLengths, path: string | undefined): Calm {
  if (path === undefined) return { kind: 'read', samples: [], packetsPerSecond: undefined, notes: [] }
  const { direction, target, source } = victim
  const wish: Wish = source === undefined ? { direction, target } : { direction }
  const read = readRecording(path, { wish, lengths, packetsMax: NORMAL_MAX })
  if (read.kind === 'refused') return { kind: 'refused', problem: `${path}: ${read.problem}` }
  const { head, packets, notes } = read.recording
  const own = chooseVictim({ ...read.recording, head: source === undefined ? {} : { host: source } }, wish)
  const samples = own.kind === 'chosen' ? own.packets.map(({ sample }) => sample) : []
  return {
    kind: 'read',
    samples,
    packetsPerSecond: samples.length === packets.length ? head.packetsPerSecond : undefined,
    notes: [
      ...notes.map(note => `calm: ${note}`),
      ...(samples.length === 0 ? [`calm: no packet of ${path} goes to the target, so nothing is known`] : []),
    ],
  }
}

function normalRateOf({ head }: Recording, calm: number | undefined): { normalRate?: number } {
  const attack = head.packetsPerSecond
  return attack === undefined || calm === undefined ? {} : { normalRate: Math.min(1, calm / attack) }
}

/** Sizes in reports are left out unless somebody says what they count: a rule on the wrong ones would take nothing. */
function lengthNote(
  { packets }: Distillation['victim'],
  lengths: CountedLengths,
  mode: DistillSettings['mode'],
): string[] {
  const isUntold =
    lengths === 'untold' && packets.every(({ sample }) => sample.untold?.includes('packet-length'))
  if (isUntold)
    return [
      'lengths were left out: the report does not say whether its sizes are those of frames or of IP packets; --lengths says it',
    ]
  const isFromText = packets.some(({ record }) => record.bytesCaptured.length === 0)
  return mode === 'ddps' && lengths === 'ip' && isFromText
    ? [
        'sizes in the report are taken for those of IP packets, as DDPS does; --lengths frame (FLOODWARDEN_DECODE_LENGTHS) says otherwise',
      ]
    : []
}

/** DDPS knows no routers; a rule that one cannot enforce is refused with the reason. */
function fitted(distilled: Distilled, router: RouterName | undefined): Distilled | string {
  if (router === undefined || distilled.kind !== 'rules') return distilled
  const problems: string[] = []
  const rules = distilled.rules.map(one => {
    const made = fit(one.rule, ROUTER_PROFILES[router], { allowWider: false })
    if (made.kind === 'refused') problems.push(...made.reasons)
    return made.kind === 'degraded'
      ? { ...one, rule: made.rule, because: [...one.because, ...made.reasons] }
      : one
  })
  return problems.length === 0 ? { ...distilled, rules } : problems.join('; ')
}
