// What a rule by a person matches and does, read from what he sent: text, or fields with a target.

import type { z } from 'zod'
import { canonical } from '#lib/flowspec/canonical.ts'
import { contradictionOf, type Fields, flowOfFields } from '#lib/flowspec/fields.ts'
import { parseRule } from '#lib/flowspec/parse.ts'
import type { Flow, Rule, Action as RuleAction } from '#lib/flowspec/rule.ts'
import { type Prefix, parsePrefix } from '#lib/ip/prefix.ts'

/** What is done with what matches. */
export interface RuleDeed {
  readonly action: 'discard' | 'rate-limit' | 'accept' | 'monitor'
  readonly bitsPerSecond?: number
  readonly packetsPerSecond?: number
}

export interface RuleSaid {
  readonly target: Prefix
  /** Canonical. */
  readonly flow: Flow
  readonly deed: RuleDeed
}

export interface RuleWords {
  readonly rule?: string | undefined
  readonly target?: string | undefined
  readonly match?: Fields | undefined
  readonly action?: RuleDeed['action'] | undefined
  readonly bitsPerSecond?: number | undefined
  readonly packetsPerSecond?: number | undefined
}

export type RuleRead =
  | { readonly kind: 'rule'; readonly said: RuleSaid }
  | { readonly kind: 'problems'; readonly problems: readonly { at: readonly string[]; problem: string }[] }

const wrong = (at: string, problem: string): RuleRead => ({
  kind: 'problems',
  problems: [{ at: [at], problem }],
})

/** All that is wrong is told with the field it is about. */
export function readRule(words: RuleWords): RuleRead {
  const { rule, target, match = {} } = words
  if ((rule === undefined) === (target === undefined))
    return wrong('rule', 'expected either rule, or target with match')
  if (rule !== undefined && words.match !== undefined)
    return wrong('match', 'expected none beside rule: the text says what it matches')
  const read = rule === undefined ? byFields(target ?? '', match) : byText(rule)
  if (read.kind === 'problems') return read
  const deed = deedOf(read.actions, words)
  if (deed.kind === 'problems') return deed
  const { flow } = read
  const destination = flow.components.find(part => part.type === 'destination')
  if (destination === undefined || !('prefix' in destination) || destination.prefix.length === 0)
    return wrong('rule', 'expected a destination: a rule without one would touch everybody')
  const contradiction = contradictionOf(flow)
  if (contradiction !== undefined) return wrong(rule === undefined ? 'match' : 'rule', contradiction)
  return { kind: 'rule', said: { target: destination.prefix, flow, deed: deed.deed } }
}

type FlowRead =
  | { readonly kind: 'flow'; readonly flow: Flow; readonly actions: readonly RuleAction[] }
  | Extract<RuleRead, { kind: 'problems' }>

function byFields(target: string, match: Fields): FlowRead {
  const prefix = parsePrefix(target)
  if (prefix === undefined)
    return { kind: 'problems', problems: [{ at: ['target'], problem: 'expected an address or a prefix' }] }
  const made = flowOfFields(prefix, match)
  if (made.kind === 'flow') return { kind: 'flow', flow: made.flow, actions: [] }
  const problems = made.problems.map(({ field, problem }) => ({ at: ['match', field], problem }))
  return { kind: 'problems', problems }
}

function byText(text: string): FlowRead {
  const parsed = parseRule(text)
  if (parsed.kind === 'problem') {
    const problem = `column ${parsed.column}: ${parsed.what}; ${parsed.advice}`
    return { kind: 'problems', problems: [{ at: ['rule'], problem }] }
  }
  const { family, components, actions } = canonical(parsed.value)
  // Any source is no source.
  const looked = components.filter(part => part.type !== 'source' || part.prefix.length > 0)
  return { kind: 'flow', flow: { family, components: looked }, actions }
}

type DeedRead = { readonly kind: 'deed'; readonly deed: RuleDeed } | Extract<RuleRead, { kind: 'problems' }>

/** By what stands after `then`, or by the fields; not by both. */
function deedOf(actions: readonly RuleAction[], words: RuleWords): DeedRead {
  const problem = (at: string, text: string): DeedRead => ({
    ...{ kind: 'problems', problems: [{ at: [at], problem: text }] },
  })
  const { action, bitsPerSecond, packetsPerSecond } = words
  const rates = [bitsPerSecond, packetsPerSecond].filter(rate => rate !== undefined).length
  if (actions.length > 0) {
    if (action !== undefined && action !== 'monitor')
      return problem('action', 'expected none: the text of the rule says after then what is done')
    if (rates > 0) return problem('bitsPerSecond', 'expected none: the text of the rule says the rate')
    const [first, more] = actions
    const said = more === undefined ? saidAction(first) : undefined
    if (said === undefined)
      return problem('rule', 'expected discard, rate N bytes/s, rate N packets/s or action none after then')
    return { kind: 'deed', deed: action === 'monitor' ? { ...said, action } : said }
  }
  if (action === undefined)
    return problem('action', 'expected one of discard, rate-limit, accept and monitor')
  if (action === 'rate-limit' && rates !== 1)
    return problem('bitsPerSecond', 'expected one rate, bitsPerSecond or packetsPerSecond')
  if (action !== 'rate-limit' && rates > 0)
    return problem('bitsPerSecond', `expected none: ${action} has no rate`)
  return {
    kind: 'deed',
    deed: {
      action,
      ...(bitsPerSecond === undefined ? {} : { bitsPerSecond }),
      ...(packetsPerSecond === undefined ? {} : { packetsPerSecond }),
    },
  }
}

function saidAction(action: Rule['actions'][number] | undefined): RuleDeed | undefined {
  switch (action?.kind) {
    case 'discard':
      return { action: 'discard' }
    case 'rate-bytes':
      return { action: 'rate-limit', bitsPerSecond: action.bytesPerSecond * 8 }
    case 'rate-packets':
      return { action: 'rate-limit', packetsPerSecond: action.packetsPerSecond }
    case 'traffic-action':
      return action.isSampled || action.isTerminal ? undefined : { action: 'accept' }
    default:
      return undefined
  }
}

/** Tells a schema what is wrong, each at its field. */
export function checkRule(words: RuleWords, context: z.RefinementCtx): void {
  const read = readRule(words)
  if (read.kind === 'rule') return
  for (const { at, problem } of read.problems)
    context.addIssue({ code: 'custom', path: [...at], message: problem })
}
