// A page of rules by people, newest first.

import type { RuleState, Rules, RulesQuery } from '#api/contract/rules.ts'
import { contains, parsePrefix } from '#lib/ip/prefix.ts'
import { isLive, type RuleRecord } from './rule-record.ts'
import type { RuleRoom } from './rule-room.ts'

/** `sees`: whether the caller may see what is about a target. A cursor that is none begins at the newest. */
export function pageOfRules(
  rules: Pick<RuleRoom, 'all' | 'live' | 'stateOf' | 'view'>,
  query: RulesQuery,
  sees: (target: string) => boolean,
): Rules {
  const { limit, cursor } = query
  const after = placeOf(cursor)
  const states = query.state === undefined ? undefined : new Set(query.state)
  const fits = filterOf(query)
  const found = rules
    .all()
    .filter(record => (after === undefined || isAfter(record, after)) && fits(record) && sees(record.target))
    .filter(record => states === undefined || isIn(states, record, () => rules.stateOf(record)))
    .sort(newestFirst)
  const shown = found.slice(0, limit)
  const last = shown.at(-1)
  return {
    rules: shown.map(record => rules.view(record)),
    ...(last !== undefined && found.length > limit ? { nextCursor: `${last.createdAt}.${last.id}` } : {}),
    live: rules.live.filter(({ target }) => sees(target)).length,
  }
}

function isIn(
  states: ReadonlySet<RuleState | 'live' | 'ended'>,
  record: RuleRecord,
  stateOf: () => RuleState,
): boolean {
  return states.has(isLive(record) ? 'live' : 'ended') || states.has(stateOf())
}

function filterOf(query: RulesQuery): (record: RuleRecord) => boolean {
  const { kind, customer, action, createdBy, via, target } = query
  const around = target === undefined ? undefined : parsePrefix(target)
  return record =>
    (kind === undefined || record.kind === kind) &&
    (customer === undefined || record.customer === customer) &&
    (action === undefined || record.action === action) &&
    (createdBy === undefined || record.createdBy === createdBy) &&
    (via === undefined || record.via === via) &&
    (around === undefined || isWithin(record.target))

  function isWithin(text: string): boolean {
    const prefix = parsePrefix(text)
    return around !== undefined && prefix !== undefined && contains(around, prefix)
  }
}

interface Place {
  readonly at: number
  readonly id: string
}

function placeOf(cursor: string | undefined): Place | undefined {
  const [, at, id] = /^(\d{1,16})\.([0-9a-z-]{1,64})$/.exec(cursor ?? '') ?? []
  return at === undefined || id === undefined ? undefined : { at: Number(at), id }
}

const isAfter = ({ createdAt, id }: RuleRecord, { at, id: before }: Place): boolean =>
  createdAt < at || (createdAt === at && id < before)

const newestFirst = (a: RuleRecord, b: RuleRecord): number =>
  b.createdAt - a.createdAt || (a.id < b.id ? 1 : -1)
