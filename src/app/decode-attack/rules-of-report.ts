// From the report on standard input to rules, or the reason why there are none.

import { reasonOf } from '#5-evidence/distill/distilled-json.ts'
import type { Direction } from '#5-evidence/distill/recording.ts'
import { DDPS_DESCRIPTION } from '#compat/ddps/distill/settings.ts'
import { printFlow, printRule } from '#lib/flowspec/print.ts'
import type { Rule } from '#lib/flowspec/rule.ts'
import type { Address } from '#lib/ip/address.ts'
import { bitsOf } from '#lib/ip/address.ts'
import { prefixOf } from '#lib/ip/prefix.ts'
import {
  ATTACK_MAX,
  type Distillation,
  type DistillSettings,
  distillRecording,
  lengthsOf,
} from '../distill/distill-file.ts'
import { readText } from '../distill/read-recording.ts'
import { ddpsRules } from '../distill/rules-as.ts'
import { ddpsText, type NativeRule, nativeText } from './deliver.ts'
import type { DecodeSettings } from './settings.ts'

export interface ReportCall {
  readonly host: Address
  readonly direction: Direction
}

export type ReportRules =
  | { readonly kind: 'rules'; readonly text: string; readonly told: readonly string[] }
  /** Packets come later, with `attack_details`. */
  | { readonly kind: 'wait'; readonly reason: string }
  | { readonly kind: 'none'; readonly reason: string }

export function rulesOfReport(report: string, call: ReportCall, settings: DecodeSettings): ReportRules {
  const distilling = distillSettings(call, settings)
  const read = readText(report, { lengths: lengthsOf(distilling), packetsMax: ATTACK_MAX })
  if (read.kind === 'refused') return { kind: 'none', reason: `the report: ${read.problem}` }
  const { recording } = read
  // As DDPS does: lines of flows count only where no flood is named, for those of packets come.
  const isFlood = recording.head.attackType?.includes('_flood') ?? false
  if (settings.flows === 'auto' && recording.tells === 'flows' && isFlood)
    return { kind: 'wait', reason: 'it tells of flows alone, and packets come with attack_details' }
  const head = { ...recording.head, host: call.host, direction: call.direction }
  const made = distillRecording({ ...recording, head }, distilling)
  if (made.kind === 'refused') return { kind: 'none', reason: made.problem }
  const { distilled } = made.distillation
  if (distilled.kind !== 'rules') return { kind: 'none', reason: reasonOf(distilled) ?? '' }
  const rules = distilled.rules.map(({ rule }) => (settings.action === undefined ? watching(rule) : rule))
  return written(rules, made.distillation, settings)
}

function distillSettings(call: ReportCall, settings: DecodeSettings): DistillSettings {
  const { mode, ddps, action = { kind: 'discard' }, rulesMax, lengths } = settings
  const target = prefixOf(call.host, bitsOf(call.host.family))
  const { direction } = call
  return {
    wish: direction === 'incoming' ? { target, direction } : { direction },
    ...{ mode, ddps, action, rulesMax },
    ...(lengths === undefined ? {} : { lengths }),
  }
}

/** Without an action a rule is shown and not announced. */
const watching = (rule: Rule): Rule => ({ ...rule, actions: [] })

function written(
  rules: readonly Rule[],
  { finding, notes }: Distillation,
  settings: DecodeSettings,
): ReportRules {
  const { to, mode, minutes } = settings
  const vectors = finding?.parts.map(({ vector }) => vector).join(', ') ?? 'unknown'
  const usual = mode === 'ddps' ? DDPS_DESCRIPTION : `Floodwarden distilled it: ${vectors}`
  const description = settings.description ?? usual
  const told = [...rules.map(printRule), ...notes]
  if (to.kind === 'native') {
    const reason = description.slice(0, 256)
    return { kind: 'rules', text: nativeText(rules.map(rule => nativeOf(rule, minutes * 60, reason))), told }
  }
  const sayable = rules.map(rule => ddpsRules([rule], { description, seconds: minutes * 60 }))
  const keys = sayable.flatMap(one => ('rules' in one ? one.rules : []))
  const problems = sayable.flatMap(one => ('problems' in one ? one.problems : []))
  return keys.length === 0
    ? { kind: 'none', reason: problems.join('; ') }
    : { kind: 'rules', text: ddpsText(keys), told: [...told, ...problems] }
}

const nativeOf = (rule: Rule, ttlSeconds: number, reason: string): NativeRule =>
  rule.actions.length === 0
    ? { rule: printFlow(rule), action: 'monitor', ttlSeconds, reason }
    : { rule: printRule(rule), ttlSeconds, reason }
