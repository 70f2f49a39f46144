// Makes a rule fit a router.
//
// The law: what is degraded may let more pass than was asked for, and says so. It never drops more: no action
// becomes stricter, and the match becomes wider only if the caller allows it.

import { nlriLength } from '../encode.ts'
import {
  type Action,
  type BitmaskComponent,
  bitsAllowed,
  type Component,
  isBitmaskComponent,
  isPrefixComponent,
  type Rule,
} from '../rule.ts'
import type { RouterProfile } from './profile.ts'

export type Fit =
  | { readonly kind: 'as-is' }
  | { readonly kind: 'degraded'; readonly rule: Rule; readonly reasons: readonly string[] }
  | { readonly kind: 'refused'; readonly reasons: readonly string[] }

export interface FitOptions {
  /** Whether a component that the router lacks may be left out, so that more packets match. */
  readonly allowWider: boolean
}

export function fit(rule: Rule, profile: RouterProfile, { allowWider }: FitOptions): Fit {
  const impossible = impossibleReasons(rule, profile)
  if (impossible.length > 0) return { kind: 'refused', reasons: impossible }
  const matched = fitComponents(rule, profile)
  if (matched.reasons.length > 0 && !allowWider)
    return {
      kind: 'refused',
      reasons: [...matched.reasons, 'without it the rule would match more, which is not allowed'],
    }
  // Losing its target would turn a rule about one host into one about everybody.
  if (matched.components.length === 0 || lostTarget(rule, matched.components))
    return { kind: 'refused', reasons: [...matched.reasons, 'nothing would be left that names the target'] }
  const acted = fitActions(rule.actions, profile)
  const hasLostAll = rule.actions.some(isEffective) && !acted.actions.some(isEffective)
  if (hasLostAll) return { kind: 'refused', reasons: [...acted.reasons, 'no action would be left'] }
  const reasons = [...matched.reasons, ...acted.reasons]
  if (reasons.length === 0) return { kind: 'as-is' }
  return {
    kind: 'degraded',
    rule: { family: rule.family, components: matched.components, actions: acted.actions },
    reasons,
  }
}

function impossibleReasons(rule: Rule, profile: RouterProfile): string[] {
  const { name, families, isEnforcing, largestNlri } = profile
  if (!isEnforcing) return [`${name} enforces no rules`]
  if (!families.includes(rule.family)) return [`${name} has no rules of IPv${rule.family}`]
  const length = nlriLength(rule)
  return length > largestNlri ? [`the rule takes ${length} octets, ${name} has ${largestNlri}: split it`] : []
}

const lostTarget = (rule: Rule, left: readonly Component[]) => hasTarget(rule.components) && !hasTarget(left)

const hasTarget = (components: readonly Component[]) => components.some(({ type }) => type === 'destination')

/** Marks and samples alone do not stop anything. */
const isEffective = ({ kind }: Action) => kind !== 'traffic-action' && kind !== 'mark'

/** The components that the router has, and why it lacks the others. */
function fitComponents(rule: Rule, profile: RouterProfile): { components: Component[]; reasons: string[] } {
  const components: Component[] = []
  const reasons: string[] = []
  for (const component of rule.components) {
    const reason = whyNot(component, rule, profile)
    if (reason === undefined) components.push(component)
    else reasons.push(reason)
  }
  return { components, reasons }
}

function whyNot(component: Component, rule: Rule, profile: RouterProfile): string | undefined {
  const { type } = component
  if (profile.lacks.includes(type)) return `${profile.name} does not match on ${type}`
  if (isPrefixComponent(component)) {
    return component.offset > 0 && !profile.hasOffsets
      ? `${profile.name} has no offset in ${type}`
      : undefined
  }
  if (isBitmaskComponent(component)) return whyNoBits(component, rule.family, profile)
  const other = profile.eitherOr.find(
    ([one, two]) => one === type && rule.components.some(part => part.type === two),
  )
  return other && `${profile.name} cannot have ${type} and ${other[1]} in one rule`
}

function whyNoBits(
  { type, anyOf }: BitmaskComponent,
  family: 4 | 6,
  profile: RouterProfile,
): string | undefined {
  const known = bitsAllowed(type, family) & (type === 'fragment' ? profile.fragment : profile.tcpFlags)
  const beyond = anyOf.flat().some(({ bits }) => (bits & ~known) !== 0)
  return beyond ? `${profile.name} tests only bits 0x${known.toString(16)} of ${type}` : undefined
}

function fitActions(
  wanted: readonly Action[],
  profile: RouterProfile,
): { actions: Action[]; reasons: string[] } {
  const actions: Action[] = []
  const reasons: string[] = []
  for (const action of wanted) {
    if (!profile.actions.includes(action.kind)) {
      reasons.push(`${profile.name} has no action ${action.kind}: left out`)
      continue
    }
    const rounded = roundUp(action, profile.rateStepBytes)
    if (rounded !== action)
      reasons.push(`${profile.name} has rates in steps of ${profile.rateStepBytes} bytes/s: rounded up`)
    actions.push(rounded)
  }
  return { actions, reasons }
}

/** Up, because a lower rate drops more than was asked for. */
function roundUp(action: Action, step: number): Action {
  if (action.kind !== 'rate-bytes' || step === 1 || action.bytesPerSecond % step === 0) return action
  return { ...action, bytesPerSecond: Math.ceil(action.bytesPerSecond / step) * step }
}
