// A rule as JSON: text for addresses, which are numbers of 128 bits here, and else the value itself.

import { formatAddress, parseAddress } from '#lib/ip/address.ts'
import { formatPrefix, hasHostBits, parsePrefix } from '#lib/ip/prefix.ts'
import { ruleProblems } from './check.ts'
import {
  type Action,
  type BitmaskComponent,
  type Component,
  isPrefixComponent,
  type NumericComponent,
  type PrefixType,
  type RouteTarget,
  type Rule,
} from './rule.ts'

/** What `JSON.stringify` takes and a schema gives back. */
export interface RuleJson {
  readonly family: 4 | 6
  readonly components: readonly ComponentJson[]
  readonly actions: readonly ActionJson[]
}

export type ComponentJson =
  | { readonly type: PrefixType; readonly prefix: string; readonly offset: number }
  | NumericComponent
  | BitmaskComponent

export type ActionJson =
  | Exclude<Action, { kind: 'redirect' | 'redirect-ip' }>
  | { readonly kind: 'redirect'; readonly target: TargetJson }
  | { readonly kind: 'redirect-ip'; readonly address: string; readonly isCopy: boolean }

export type TargetJson =
  | Exclude<RouteTarget, { kind: 'address' }>
  | { readonly kind: 'address'; readonly address: string; readonly number: number }

export type FromJson =
  | { readonly kind: 'rule'; readonly rule: Rule }
  | { readonly kind: 'problems'; readonly problems: readonly string[] }

export const ruleToJson = ({ family, components, actions }: Rule): RuleJson => ({
  family,
  components: components.map(part =>
    isPrefixComponent(part)
      ? { type: part.type, prefix: formatPrefix(part.prefix), offset: part.offset }
      : part,
  ),
  actions: actions.map(actionToJson),
})

/** The shape is checked by whoever reads the JSON; here addresses and the limits of BGP are. */
export function ruleFromJson(json: RuleJson): FromJson {
  const problems: string[] = []
  const rule: Rule = {
    family: json.family,
    components: json.components.flatMap(part => componentFromJson(part, problems)),
    actions: json.actions.flatMap(action => actionFromJson(action, problems)),
  }
  if (problems.length === 0) problems.push(...ruleProblems(rule))
  return problems.length === 0 ? { kind: 'rule', rule } : { kind: 'problems', problems }
}

function actionToJson(action: Action): ActionJson {
  if (action.kind === 'redirect-ip') return { ...action, address: formatAddress(action.address) }
  if (action.kind !== 'redirect') return action
  const { target } = action
  return {
    kind: 'redirect',
    target: target.kind === 'address' ? { ...target, address: formatAddress(target.address) } : target,
  }
}

function componentFromJson(json: ComponentJson, problems: string[]): Component[] {
  if (!('prefix' in json)) return [json]
  const prefix = parsePrefix(json.prefix)
  if (prefix !== undefined && !hasHostBits(json.prefix)) return [{ ...json, prefix }]
  problems.push(
    `${json.type} "${json.prefix}" is no prefix without host bits: write one such as 192.0.2.0/24`,
  )
  return []
}

function actionFromJson(json: ActionJson, problems: string[]): Action[] {
  if (json.kind === 'redirect-ip') {
    const address = addressFromJson(json.address, problems)
    return address === undefined ? [] : [{ ...json, address }]
  }
  if (json.kind !== 'redirect') return [json]
  const { target } = json
  if (target.kind !== 'address') return [{ kind: 'redirect', target }]
  const address = addressFromJson(target.address, problems)
  return address === undefined ? [] : [{ kind: 'redirect', target: { ...target, address } }]
}

function addressFromJson(text: string, problems: string[]) {
  const address = parseAddress(text)
  if (address === undefined) problems.push(`"${text}" is no address: write one such as 192.0.2.1`)
  return address
}
