// Whether a rule can be written as BGP at all. What a program or a router adds to that is in validate.ts and router-profile.

import { bitsOf } from '#lib/ip/address.ts'
import { nlriLength } from './encode.ts'
import {
  type Action,
  bitsAllowed,
  COMPONENT_NUMBERS,
  type Component,
  type Flow,
  isBitmaskComponent,
  isPrefixComponent,
  LARGEST,
  type PrefixComponent,
  type RouteTarget,
  type Rule,
} from './rule.ts'

const LARGEST_NLRI = 4095

/** Each sentence says what is wrong and what would be right. None: the rule can be encoded. */
export const ruleProblems = (rule: Rule): string[] => [
  ...flowProblems(rule),
  ...rule.actions.flatMap(actionProblems),
]

export function flowProblems(flow: Flow): string[] {
  const problems = [
    ...orderProblems(flow),
    ...flow.components.flatMap(part => componentProblems(part, flow.family)),
  ]
  if (problems.length > 0) return problems
  const length = nlriLength(flow)
  return length > LARGEST_NLRI
    ? [`the rule takes ${length} octets, and a NLRI has at most ${LARGEST_NLRI}: split it`]
    : []
}

function orderProblems({ components }: Flow): string[] {
  if (components.length === 0) return ['a rule needs a component: name at least a destination']
  return components.slice(1).flatMap((component, at) => {
    const before = components[at]
    const step = COMPONENT_NUMBERS[component.type] - (before ? COMPONENT_NUMBERS[before.type] : 0)
    if (step === 0) return [`${component.type} comes twice: write one list`]
    return step < 0 ? [`${component.type} is out of order: sort components by their number`] : []
  })
}

function componentProblems(component: Component, family: 4 | 6): string[] {
  if (isPrefixComponent(component)) return prefixProblems(component, family)
  const { type, anyOf } = component
  if (type === 'flow-label' && family === 4) return ['flow-label exists in IPv6 only']
  if (anyOf.length === 0 || anyOf.some(tests => tests.length === 0))
    return [`${type} needs a value in each list`]
  if (isBitmaskComponent(component)) {
    const allowed = bitsAllowed(component.type, family)
    const isWrong = component.anyOf
      .flat()
      .some(({ bits }) => !Number.isInteger(bits) || bits < 0 || (bits & ~allowed) !== 0)
    return isWrong ? [`${type} has bits beyond 0x${allowed.toString(16)}`] : []
  }
  const wrong = component.anyOf.flat().find(({ value }) => !isWithin(value, LARGEST[component.type]))
  return wrong ? [`${type} is a whole number from 0 to ${LARGEST[component.type]}, not ${wrong.value}`] : []
}

function prefixProblems({ type, prefix, offset }: PrefixComponent, family: 4 | 6): string[] {
  if (prefix.family !== family) return [`${type} is an IPv${prefix.family} prefix in a rule of IPv${family}`]
  const width = bitsOf(family)
  if (!isWithin(prefix.length, width))
    return [`${type} has a length from 0 to ${width}, not ${prefix.length}`]
  if (family === 4 && offset !== 0) return [`${type} has an offset, which exists in IPv6 only`]
  if (!isWithin(offset, width) || (offset >= prefix.length && offset + prefix.length > 0))
    return [`${type} has an offset that is not below its length`]
  const pattern = ((1n << BigInt(prefix.length - offset)) - 1n) << BigInt(width - prefix.length)
  return (prefix.value & ~pattern) === 0n ? [] : [`${type} has bits set outside its prefix: clear them`]
}

function actionProblems(action: Action): string[] {
  switch (action.kind) {
    case 'rate-bytes':
      return [...rateProblems(action.bytesPerSecond), ...within('the AS of a rate', action.asn, 65_535)]
    case 'rate-packets':
      return [...rateProblems(action.packetsPerSecond), ...within('the AS of a rate', action.asn, 65_535)]
    case 'mark':
      return within('a DSCP', action.dscp, 63)
    case 'redirect':
      return targetProblems(action.target)
    default:
      return []
  }
}

function targetProblems(target: RouteTarget): string[] {
  const number = within(
    'the number of a route target',
    target.number,
    target.kind === 'as2' ? 0xffffffff : 65_535,
  )
  if (target.kind === 'address') return number
  return [
    ...number,
    ...within('the AS of a route target', target.asn, target.kind === 'as2' ? 65_535 : 0xffffffff),
  ]
}

const rateProblems = (rate: number) =>
  Number.isFinite(rate) && rate >= 0 ? [] : [`a rate is a number from 0 on, not ${rate}`]

const within = (what: string, value: number, largest: number) =>
  isWithin(value, largest) ? [] : [`${what} is a whole number from 0 to ${largest}, not ${value}`]

const isWithin = (value: number, largest: number) => Number.isInteger(value) && value >= 0 && value <= largest
