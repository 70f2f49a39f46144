// Templates and the default pack as wishes: each of their rules is made, or refused, for itself.

import {
  defaultPack,
  SERVICE_NAMES,
  SERVICES,
  type TemplateRule,
  templateRules,
} from '#6-policy/rule-templates.ts'
import {
  PACK,
  type PackMade,
  type PackRequest,
  type TemplateRequest,
  type Templates,
} from '#api/contract/rule-templates.ts'
import type { RuleMade } from '#api/contract/rules.ts'
import type { Done } from '#api/control.ts'
import type { RuleRefusal } from '#api/resources.ts'
import { assert } from '#lib/assert.ts'
import { flowOfFields } from '#lib/flowspec/fields.ts'
import { printFlow } from '#lib/flowspec/print.ts'
import { parsePrefix } from '#lib/ip/prefix.ts'
import type { RuleWish } from './rule-room.ts'

/** A rule of a pack for one target. */
export interface PackWish {
  readonly what: string
  readonly wish: RuleWish
}

type Common = Pick<RuleWish, 'reason' | 'startsAt' | 'until' | 'ttlSeconds' | 'renewSeconds' | 'mayExtend'>

export const listTemplates = (): Templates => ({
  templates: [
    ...SERVICE_NAMES.map(name => ({ name, what: SERVICES[name].what, rules: templateRules(name, 4) })),
    { name: PACK, what: 'a network: floods of common amplifiers', rules: defaultPack(4) },
  ],
})

export function wishesOfTemplate({ name, target, ports }: TemplateRequest, common: Common): PackWish[] {
  const family = parsePrefix(target)?.family ?? 4
  return wishesOf(templateRules(name, family, ports), target, `template ${name}`, common)
}

/** `renewSeconds` where the request names no end. */
export function wishesOfPack(
  { until, ttlSeconds }: Pick<PackRequest, 'until' | 'ttlSeconds'>,
  networks: readonly string[],
  common: Pick<Common, 'reason' | 'mayExtend'>,
  renewSeconds: number,
): PackWish[] {
  const isStanding = until === undefined && ttlSeconds === undefined
  const span = isStanding
    ? { ttlSeconds: renewSeconds, renewSeconds }
    : { ...(until === undefined ? {} : { until: Date.parse(until) }), ttlSeconds }
  return networks.flatMap(target => {
    const family = parsePrefix(target)?.family ?? 4
    return wishesOf(defaultPack(family), target, PACK, { ...common, ...span })
  })
}

function wishesOf(rules: readonly TemplateRule[], target: string, via: string, common: Common): PackWish[] {
  const prefix = parsePrefix(target)
  assert(prefix !== undefined, 'targets were checked')
  return rules.map(({ what, match, action, bitsPerSecond }) => {
    const made = flowOfFields(prefix, match)
    assert(made.kind === 'flow', 'rules of templates can be read')
    const rate = bitsPerSecond === undefined ? {} : { bitsPerSecond }
    const flow = printFlow(made.flow)
    return { what, wish: { kind: 'filter', target, flow, action, ...rate, via, ...common } }
  })
}

/** In their order; on disk together. */
export async function makeAll(
  wishes: readonly PackWish[],
  make: (wish: RuleWish) => Promise<Done<RuleMade, RuleRefusal>>,
): Promise<PackMade> {
  const results = await Promise.all(
    wishes.map(async ({ what, wish }): Promise<PackMade['results'][number]> => {
      const done = await make(wish)
      const { target } = wish
      return done.kind === 'done'
        ? { what, target, outcome: done.value.outcome, rule: done.value.rule }
        : { what, target, outcome: 'refused', code: done.code, problem: done.detail }
    }),
  )
  return { results, made: results.filter(({ outcome }) => outcome !== 'refused').length }
}
