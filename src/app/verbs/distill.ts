// The verb distill: the rules that take the attack of a file, for people, programs or routers.

import type { Legitimate } from '#5-evidence/distill/distillation.ts'
import { type DistilledJson, distilledJson, reasonOf } from '#5-evidence/distill/distilled-json.ts'
import { DDPS_DESCRIPTION, DDPS_DISTILLING, DDPS_SECONDS } from '#compat/ddps/distill/settings.ts'
import type { RouterName } from '#lib/flowspec/router-profile/profile.ts'
import type { Action } from '#lib/flowspec/rule.ts'
import { formatPrefix, parsePrefix } from '#lib/ip/prefix.ts'
import { type Distillation, type DistillSettings, distillFile } from '../distill/distill-file.ts'
import { distillationText } from '../distill/distillation-text.ts'
import { type RuleFormat, type RulePapers, rulesAs } from '../distill/rules-as.ts'
import { withSpooled } from '../distill/spool-input.ts'

export interface DistillOptions {
  /** `-`: standard input. */
  readonly file: string
  readonly normal: string | undefined
  /** Prefix; undefined: as the file says, or what most packets go to. */
  readonly target: string | undefined
  readonly direction: 'incoming' | 'outgoing' | undefined
  readonly rulesMax: number
  /** Undefined: discard. */
  readonly rateBytesPerSecond: number | undefined
  readonly router: RouterName | undefined
  readonly mode: 'floodwarden' | 'ddps'
  readonly services: Legitimate | undefined
  readonly lengths: 'ip' | 'frame' | undefined
  readonly format: 'text' | 'json' | RuleFormat
  readonly description: string | undefined
  readonly minutes: number | undefined
  readonly ddpsFields: 'range' | 'values'
  readonly ddpsValuesMax: number
  /** 0 to 1. */
  readonly ddpsValuesShare: number
  readonly ddpsLinesMin: number
}

interface Output {
  out(text: string): void
  err(text: string): void
}

/** Exit code 0 when there are rules, and the format has words for them; else 1, with the reason. */
export async function distillVerb(
  options: DistillOptions,
  output: Output,
  input: NodeJS.ReadableStream,
): Promise<number> {
  const settings = settingsOf(options)
  if (options.file !== '-') return finish(distillFile(options.file, settings), options, output)
  const spooled = await withSpooled(input, path => distillFile(path, settings))
  if (spooled.kind === 'done') return finish(spooled.value, options, output)
  output.err(`floodwarden: standard input: ${spooled.problem}\n`)
  return 1
}

function settingsOf(options: DistillOptions): DistillSettings {
  const { direction, normal, router, services, lengths, rateBytesPerSecond } = options
  const target = options.target === undefined ? undefined : parsePrefix(options.target)
  const action: Action =
    rateBytesPerSecond === undefined
      ? { kind: 'discard' }
      : { kind: 'rate-bytes', bytesPerSecond: rateBytesPerSecond, asn: 0 }
  return {
    wish: { ...(target === undefined ? {} : { target }), ...(direction === undefined ? {} : { direction }) },
    mode: options.mode,
    ddps: {
      ...DDPS_DISTILLING,
      linesMin: options.ddpsLinesMin,
      fields: options.ddpsFields,
      valuesMax: options.ddpsValuesMax,
      valuesShare: options.ddpsValuesShare,
    },
    action,
    rulesMax: options.rulesMax,
    ...(normal === undefined ? {} : { normal }),
    ...(router === undefined ? {} : { router }),
    ...(services === undefined ? {} : { legitimate: services }),
    ...(lengths === undefined ? {} : { lengths }),
  }
}

function finish(distilling: ReturnType<typeof distillFile>, options: DistillOptions, output: Output): number {
  if (distilling.kind === 'refused') {
    output.err(`floodwarden: ${distilling.problem}\n`)
    return 1
  }
  const { distillation } = distilling
  const { distilled, notes } = distillation
  const { format } = options
  if (format === 'text') output.out(distillationText(distillation))
  else if (format === 'json') output.out(`${JSON.stringify(distillationJson(distillation), null, 2)}\n`)
  if (distilled.kind !== 'rules') {
    if (format !== 'text') output.err(`floodwarden: no rule: ${reasonOf(distilled) ?? ''}\n`)
    return 1
  }
  if (format === 'text' || format === 'json') return 0
  const printed = rulesAs(
    format,
    distilled.rules.map(({ rule }) => rule),
    papersOf(options, distillation),
  )
  if (printed.kind === 'impossible') {
    for (const problem of printed.problems) output.err(`floodwarden: ${problem}\n`)
    return 1
  }
  for (const note of notes) output.err(`floodwarden: ${note}\n`)
  output.out(printed.text)
  return 0
}

function papersOf({ description, minutes, mode }: DistillOptions, { finding }: Distillation): RulePapers {
  const vectors = finding?.parts.map(({ vector }) => vector).join(', ') ?? 'unknown'
  return {
    description: description ?? (mode === 'ddps' ? DDPS_DESCRIPTION : `Floodwarden distilled it: ${vectors}`),
    seconds: minutes === undefined ? DDPS_SECONDS : minutes * 60,
  }
}

function distillationJson(distillation: Distillation): DistilledJson {
  const { mode, form, victim, finding, normalSamples, distilled, notes } = distillation
  return distilledJson(distilled, {
    mode,
    form,
    direction: victim.direction,
    target: formatPrefix(victim.target),
    source: victim.source === undefined ? null : formatPrefix(victim.source),
    samples: victim.packets.length,
    normalSamples: normalSamples ?? null,
    vectors: finding?.parts.map(({ vector, share }) => ({ vector, share })) ?? [],
    notes: [...notes],
  })
}
