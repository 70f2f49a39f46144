// What was distilled, for people: whom it is about, the rules with their shares and reasons, and what was looked at besides.

import type { Distilled, DistilledRule, Share } from '#5-evidence/distill/distillation.ts'
import { reasonOf } from '#5-evidence/distill/distilled-json.ts'
import { findingText } from '#5-evidence/report.ts'
import { printRule } from '#lib/flowspec/print.ts'
import { type Distillation, prefixText } from './distill-file.ts'

export function distillationText(distillation: Distillation): string {
  const { distilled } = distillation
  const lines = [
    ...headLines(distillation),
    '',
    ...outcomeLines(distilled),
    ...alternativeLines(distilled),
    ...(distillation.notes.length === 0 ? [] : ['', ...distillation.notes.map(note => `note: ${note}`)]),
  ]
  return lines.map(line => `${line}\n`).join('')
}

function headLines({ form, mode, victim, finding, normalSamples }: Distillation): string[] {
  const { direction, target, source, packets } = victim
  const from = source === undefined ? '' : ` from ${prefixText(source)}`
  const calm = normalSamples === undefined ? 'calm traffic not known' : `${normalSamples} samples of calm`
  return [
    `${direction} attack${from} on ${prefixText(target)}, ${packets.length} samples of a ${form}, ${calm}`,
    `is: ${findingText(finding)}`,
    ...(mode === 'ddps' ? ['distilled as DDPS does: what the lines have in common'] : []),
  ]
}

function outcomeLines(distilled: Distilled): string[] {
  switch (distilled.kind) {
    case 'rules':
      return [
        ...distilled.rules.flatMap((rule, at) => [...ruleLines(rule, at + 1), '']),
        `together: ${sharesText(distilled)}`,
      ]
    case 'inseparable':
      return [`no rule: ${reasonOf(distilled)}`, `next: ${NEXT_TEXT[distilled.nextAction]}`]
    case 'too-few':
      return [`no rule: ${reasonOf(distilled)}`]
  }
}

const NEXT_TEXT = {
  'rate-limit': 'limit the rate of the target, which spares part of the honest traffic',
  divert: 'divert the target to a scrubber, or blackhole it',
} as const

function ruleLines(one: DistilledRule, number: number): string[] {
  return [
    `rule ${number}: ${printRule(one.rule)}`,
    `  ${sharesText(one)}`,
    ...one.because.map(sentence => `  - ${sentence}`),
  ]
}

const sharesText = ({ attack, normal }: { readonly attack: Share; readonly normal?: Share }): string =>
  `takes ${shareText(attack)} of the attack` +
  (normal === undefined ? '' : ` and ${shareText(normal)} of calm traffic`)

/** `98.20 % (97.10 to 98.90, 491 of 500 samples)`. */
const shareText = ({ share, low, high, matched, of }: Share): string =>
  `${percent(share)} % (${percent(low)} to ${percent(high)}, ${matched} of ${of} samples)`

const percent = (share: number): string => (share * 100).toFixed(2)

function alternativeLines(distilled: Distilled): string[] {
  if (distilled.kind === 'too-few' || distilled.alternatives.length === 0) return []
  return [
    '',
    'also looked at:',
    ...distilled.alternatives.map(({ text, attack, normal, why }) => {
      const calm = normal === undefined ? '' : `, ${percent(normal)} % of calm`
      return `  ${text}: ${percent(attack)} % of the attack${calm}; ${why}`
    }),
  ]
}
