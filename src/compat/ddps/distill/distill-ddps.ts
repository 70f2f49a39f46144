// Distils as DDPS's decode-attack does: from the lines of a dump one rule of what they have in common. See
// docs/operate/distill.md for what is put right.

import type {
  Distilled,
  DistilledRule,
  DistillInput,
  DistillSample,
} from '#5-evidence/distill/distillation.ts'
import { shareMatched } from '#5-evidence/distill/share-matched.ts'
import { byNumber, only, rangesComponent } from '#lib/flowspec/build.ts'
import { protocolName } from '#lib/flowspec/names.ts'
import type { Component, ComponentType } from '#lib/flowspec/rule.ts'
import { bitsOf } from '#lib/ip/address.ts'
import { type Chosen, commonFlags, commonFragment, commonNumber } from './denominator.ts'
import { DDPS_DISTILLING, type DdpsDistilling } from './settings.ts'

const [ICMP, TCP, ICMPV6] = [1, 6, 58] as const

/** Of the input target, source, attack and action count; each sample is a line, whatever it stands for. */
export function distillDdps(input: DistillInput, settings: DdpsDistilling = DDPS_DISTILLING): Distilled {
  const { attack } = input
  const { linesMin } = settings
  if (attack.length < linesMin) return { kind: 'too-few', samples: attack.length, needed: linesMin }
  const rule = ruleOf(input, settings)
  const shares = {
    attack: shareMatched([rule.rule], attack),
    ...(input.normal.length === 0 ? {} : { normal: shareMatched([rule.rule], input.normal) }),
  }
  return { kind: 'rules', rules: [{ ...rule, ...shares }], ...shares, alternatives: [] }
}

function ruleOf(input: DistillInput, settings: DdpsDistilling): Pick<DistilledRule, 'rule' | 'because'> {
  const { target, family, action } = input
  const parts: Chosen<Component>[] = [
    { component: { type: 'destination', prefix: target, offset: 0 }, because: 'it is what is attacked' },
  ]
  const add = (part: Chosen<Component> | undefined) => {
    if (part !== undefined) parts.push(part)
  }
  add(sourceOf(input))
  const protocol = protocolOf(input.attack, settings)
  add(protocol?.chosen)
  const lines = protocol?.lines ?? input.attack
  const addNumber = (type: Parameters<typeof commonNumber>[0], told: readonly number[] | undefined) =>
    add(told && commonNumber(type, told, settings))
  const fragment = commonFragment(
    lines.map(({ packet }) => packet.fragment),
    settings,
  )
  if (fragment === undefined) {
    // A later fragment has none of these, so a rule on both would match nothing.
    const targetPorts = toldOf(lines, 'destination-port', packet => packet.targetPort)
    const sourcePorts = toldOf(lines, 'source-port', packet => packet.sourcePort)
    addNumber('destination-port', targetPorts)
    addNumber('source-port', sourcePorts)
    if (protocol?.number === ICMP || protocol?.number === ICMPV6) {
      addNumber('icmp-type', unique(toldOf(lines, 'icmp-type', packet => packet.icmpType)))
      addNumber('icmp-code', unique(toldOf(lines, 'icmp-code', packet => packet.icmpCode)))
    }
    if (protocol?.number === TCP)
      add(commonFlags(toldOf(lines, 'tcp-flags', packet => packet.tcpFlags) ?? []))
  }
  const lengths = toldOf(lines, 'packet-length', packet => packet.length)
  addNumber('packet-length', lengths)
  add(fragment)
  const sorted = parts.toSorted((a, b) => byNumber(a.component, b.component))
  return {
    rule: { family, components: sorted.map(({ component }) => component), actions: [action] },
    because: sorted.map(({ because, component }) => `${component.type}: ${because}`),
  }
}

/** The one who sends it all; of an outgoing attack the host of ours. */
function sourceOf({ source, attack, family }: DistillInput): Chosen<Component> | undefined {
  if (source !== undefined)
    return { component: { type: 'source', prefix: source, offset: 0 }, because: 'it is who attacks' }
  const values = new Set(attack.map(({ packet }) => packet.source.value))
  const [value] = values
  if (values.size !== 1 || value === undefined) return undefined
  return {
    component: { type: 'source', prefix: { family, value, length: bitsOf(family) }, offset: 0 },
    because: `all ${attack.length} lines come from it`,
  }
}

interface Protocol {
  readonly number: number
  readonly chosen: Chosen<Component>
  readonly lines: readonly DistillSample[]
}

function protocolOf(samples: readonly DistillSample[], settings: DdpsDistilling): Protocol | undefined {
  const told = samples.filter(sample => !sample.untold?.includes('protocol'))
  const groups = [...Map.groupBy(told, ({ packet }) => packet.protocol)].sort(
    ([a, left], [b, right]) => right.length - left.length || a - b,
  )
  const [most] = groups
  if (most === undefined || most[1].length <= samples.length * settings.protocolShare) return undefined
  const [number, lines] = most
  return {
    number,
    lines,
    chosen: {
      component: rangesComponent('protocol', [only(number)]),
      because: `${lines.length} of ${samples.length} lines are ${protocolName(number)}`,
    },
  }
}

/**
 * Values of a field in the lines that have it, which must be most. `undefined` when a line does not tell the field, for
 * then nothing is known to be common.
 */
function toldOf(
  lines: readonly DistillSample[],
  type: ComponentType,
  read: (packet: DistillSample['packet']) => number | undefined,
): number[] | undefined {
  if (lines.some(({ untold }) => untold?.includes(type))) return undefined
  const values = lines.map(({ packet }) => read(packet)).filter(value => value !== undefined)
  return values.length * 2 > lines.length ? values : undefined
}

/** DDPS never fills these, so there is no range to keep: one value or none. */
const unique = (values: readonly number[] | undefined): readonly number[] | undefined =>
  values?.every(value => value === values[0]) ? values : undefined
