// Rules of DDPS's API are rules by people: same desk, same rails, same quotas.

import { prefixesOf } from '#3-traffic/hostgroup.ts'
import type { RuleState, RuleView } from '#api/contract/rules.ts'
import type { RuleRefusal } from '#api/resources.ts'
import type {
  DdpsOrder,
  OrderOutcome,
  OrderRefusal,
  RuleRoom,
  RuleRow,
  RuleWord,
} from '#compat/ddps/api/desk.ts'
import { canonical } from '#lib/flowspec/canonical.ts'
import { parseRule } from '#lib/flowspec/parse.ts'
import { printFlow } from '#lib/flowspec/print.ts'
import { isPrefixComponent } from '#lib/flowspec/rule.ts'
import type { Prefix } from '#lib/ip/prefix.ts'
import { PrefixSet } from '#lib/ip/prefix-set.ts'
import type { ResolvedConfig } from '../config/config.ts'
import { callerOf } from '../prefixd/event-room.ts'
import type { Reach } from '../resources/reach.ts'
import { type RuleDesk, targetText } from '../rules/rule-desk.ts'
import type { RuleWish } from '../rules/rule-room.ts'

export interface DdpsRulesOptions {
  readonly desk: Pick<RuleDesk, 'make' | 'list' | 'withdraw'>
  readonly reach: Pick<Reach, 'sees'>
  /** As it is in force. */
  readonly config: () => Pick<ResolvedConfig, 'networks' | 'compatibility'>
}

/** As lists call what came this way. */
const VIA = 'ddps'
const ROWS_MAX = 1000

export function ddpsRules({ desk, reach, config }: DdpsRulesOptions): RuleRoom {
  const isOurs = networkCheck(() => config().networks)
  return {
    actions: () => config().compatibility.ddpsApi.actions,
    mayTouch: (target, by) => isOurs(target) && reach.sees(callerOf(by), targetText(target)),
    add: async (order, by) => {
      const made = await desk.make(wishOf(order), callerOf(by))
      return made.kind === 'done' ? { kind: 'accepted' } : refusalOf(made.code, made.detail)
    },
    list: async (which, by) => {
      const query = { limit: ROWS_MAX, ...(which === 'all' ? {} : { state: ['live' as const] }) }
      return desk.list(query, callerOf(by)).rules.map(rowOf)
    },
    withdraw: async (id, by) => {
      const done = await desk.withdraw(id, "over DDPS's API", callerOf(by))
      return { kind: done.kind === 'done' ? done.value.outcome : 'unknown' }
    },
  }
}

/** The networks change with the configuration, which seldom does. */
function networkCheck(networks: () => readonly string[]): (target: Prefix) => boolean {
  let known: { readonly of: readonly string[]; readonly set: PrefixSet } | undefined
  return target => {
    const now = networks()
    if (known?.of !== now) known = { of: now, set: new PrefixSet(prefixesOf(now)) }
    return known.set.covering(target) !== undefined
  }
}

function wishOf({ rule, seconds, description }: DdpsOrder): RuleWish {
  const { family, components, actions } = canonical(rule)
  const target = components.find(isPrefixComponent)
  return {
    ...{ kind: 'filter', target: target === undefined ? '' : targetText(target.prefix) },
    ...{ flow: printFlow({ family, components }), reason: description, via: VIA, ttlSeconds: seconds },
    ...deedOf(actions),
  }
}

function deedOf([action]: DdpsOrder['rule']['actions']): Pick<RuleWish, 'action' | 'bitsPerSecond'> {
  if (action === undefined) return { action: 'monitor' }
  return action.kind === 'rate-bytes'
    ? { action: 'rate-limit', bitsPerSecond: action.bytesPerSecond * 8 }
    : { action: 'discard' }
}

const REFUSALS: Readonly<Record<RuleRefusal, OrderRefusal>> = {
  'duplicate-rule': 'duplicate',
  'customer-active-rules': 'active-quota',
  'customer-new-rules': 'rate-quota',
  'outside-networks': 'rights',
  'not-ready': 'unavailable',
  'already-banned': 'policy',
  'protected-host': 'policy',
  'too-many-bans': 'policy',
  'refused-by-policy': 'policy',
  'too-many-rules': 'policy',
  'ends-in-the-past': 'policy',
  'lasts-too-long': 'policy',
}

/** DDPS's own words where it has some. */
const WORDS: Partial<Record<OrderRefusal, string>> = {
  'active-quota': 'Customer specific active rules exceeded',
  'rate-quota': 'Customer specific rules per unit of time exceeded',
}

function refusalOf(code: RuleRefusal, detail: string): OrderOutcome {
  const because = REFUSALS[code]
  return { kind: 'refused', because, text: WORDS[because] ?? detail }
}

const STATES: Readonly<Record<RuleState, RuleWord>> = {
  scheduled: 'Pending',
  pending: 'Pending',
  active: 'Active',
  monitored: 'Active',
  failed: 'Failed to implement rule',
  refused: 'Invalid flowspec',
  expired: 'Expired',
  withdrawn: 'Rule deleted',
}

function rowOf(view: RuleView): RuleRow {
  const { id, state, rule: text, reason: description, createdBy, via: sourceApp } = view
  const parsed = view.kind === 'filter' ? parseRule(text) : undefined
  return {
    ...{ id, status: STATES[state], text, description, createdBy, sourceApp },
    rule: parsed?.kind === 'parsed' ? parsed.value : undefined,
    createdAt: Date.parse(view.createdAt),
    startsAt: Date.parse(view.startsAt),
    endsAt: Date.parse(view.endsAt),
  }
}
