// Rules as class maps and a policy of Cisco IOS XR, as Cisco documents them for BGP FlowSpec with PBR. Applied to the router
// itself (`local-install`), which announces them to its FlowSpec neighbours as well. Nobody here has an IOS XR to try.

import { formatAddress } from '#lib/ip/address.ts'
import { formatPrefix } from '#lib/ip/prefix.ts'
import { type Printed, problemOfRule, textOf } from './printed.ts'
import { rangesOf } from './ranges.ts'
import { bitWord, rangeText } from './router-words.ts'
import {
  type Action,
  type BitmaskComponent,
  type Component,
  isBitmaskComponent,
  isPrefixComponent,
  type NumericComponent,
  type PrefixComponent,
  type Rule,
} from './rule.ts'
import { withSingleBits } from './single-bits.ts'

/** Lines of which one must match, each in a class of its own; or why there are none. */
type Said = { readonly anyOf: readonly string[] } | { readonly problem: string }

/** A rule of more alternatives takes more classes than anybody wants to read. */
const CLASSES_MAX = 16

/** Configuration for one policy per family; classes are called by `name` and numbers. */
export function printIosXr(rules: readonly Rule[], name = 'FLOODWARDEN'): Printed {
  const problems: string[] = []
  const families = ([4, 6] as const).map(family => {
    const own = rules.filter(rule => rule.family === family)
    const policy = `${name}-IPV${family}`
    const classes = own.flatMap((rule, at) => classesOf(rule, `${policy}-${at + 1}`, problems))
    return { family, policy, classes }
  })
  if (problems.length > 0) return { kind: 'impossible', problems }
  const used = families.filter(({ classes }) => classes.length > 0)
  return textOf([
    ...used.flatMap(({ classes }) => classes.flatMap(classLines)),
    ...used.flatMap(({ policy, classes }) => policyLines(policy, classes)),
    'flowspec',
    ...used.flatMap(({ family, policy }) => [
      ` address-family ipv${family}`,
      '  local-install interface-all',
      `  service-policy type pbr ${policy}`,
      ' !',
    ]),
    '!',
  ])
}

interface Class {
  readonly name: string
  readonly matches: readonly string[]
  readonly actions: readonly string[]
}

const classLines = ({ name, matches }: Class): string[] => [
  `class-map type traffic match-all ${name}`,
  ...matches.map(match => ` match ${match}`),
  ' end-class-map',
  '!',
]

const policyLines = (policy: string, classes: readonly Class[]): string[] => [
  `policy-map type pbr ${policy}`,
  ...classes.flatMap(({ name, actions }) => [
    ` class type traffic ${name}`,
    ...actions.map(action => `  ${action}`),
    ' !',
  ]),
  ' class type traffic class-default',
  ' !',
  ' end-policy-map',
  '!',
]

/** The alternatives of a rule are classes of their own with the same actions. */
function classesOf(rule: Rule, name: string, problems: string[]): Class[] {
  let alternatives: readonly (readonly string[])[] = [[]]
  const complain = (problem: string) => problems.push(problemOfRule(rule, problem))
  for (const component of rule.components) {
    const said = matchesOf(component, rule.family)
    if ('problem' in said) complain(said.problem)
    else alternatives = alternatives.flatMap(one => said.anyOf.map(match => [...one, match]))
  }
  const actions = rule.actions.map(action => actionWords(action))
  for (const action of actions) if ('problem' in action) complain(action.problem)
  if (alternatives.length > CLASSES_MAX) complain(`it takes ${alternatives.length} classes: split it`)
  if (alternatives.length > 1 && rule.actions.some(({ kind }) => kind === 'rate-bytes'))
    complain('it takes several classes, and each would have the rate for itself')
  return alternatives.map((matches, at) => ({
    name: alternatives.length === 1 ? name : `${name}-${at + 1}`,
    matches,
    actions: actions.flatMap(action => ('words' in action ? [action.words] : [])),
  }))
}

function matchesOf(component: Component, family: 4 | 6): Said {
  if (isPrefixComponent(component)) return prefixMatch(component)
  if (!isBitmaskComponent(component)) return numericMatch(component, family)
  return component.type === 'tcp-flags' ? flagMatch(component) : fragmentMatch(component, family)
}

function prefixMatch({ type, prefix, offset }: PrefixComponent): Said {
  if (offset !== 0) return { problem: 'IOS XR has no offset in a prefix' }
  const { family, value, length } = prefix
  if (family === 6) return { anyOf: [`${type}-address ipv6 ${formatPrefix(prefix)}`] }
  const mask = (0xffff_ffffn << BigInt(32 - length)) & 0xffff_ffffn
  const text = [value, mask].map(bits => formatAddress({ family, value: bits })).join(' ')
  return { anyOf: [`${type}-address ipv4 ${text}`] }
}

function numericMatch(component: NumericComponent, family: 4 | 6): Said {
  const { type } = component
  const ranges = rangesOf(component)
  if (ranges.length === 0) return { problem: `no ${type} can match` }
  const list = ranges.map(rangeText).join(' ')
  switch (type) {
    case 'port':
      return { anyOf: [`source-port ${list}`, `destination-port ${list}`] }
    case 'packet-length':
      return { anyOf: [`packet length ${list}`] }
    case 'icmp-type':
    case 'icmp-code':
      return { anyOf: [`ipv${family} ${type} ${list}`] }
    case 'flow-label':
      return { problem: 'IOS XR does not match on flow-label' }
    default:
      return { anyOf: [`${type} ${list}`] }
  }
}

/** `(flags & mask) == value`: what must be set and what must not be. Reserved bits are not supported. */
function flagMatch(component: BitmaskComponent): Said {
  const lines = withSingleBits(component)?.anyOf.map(tests => {
    const bitsOf = (isNot: boolean) =>
      tests.reduce((sum, test) => sum | (test.isNot === isNot ? test.bits : 0), 0)
    const [set, clear] = [bitsOf(false), bitsOf(true)]
    const isSayable = ((set | clear) & ~0xff) === 0 && (set & clear) === 0
    return isSayable ? `tcp-flag ${set} bit-mask ${set | clear}` : undefined
  })
  return lines === undefined || lines.includes(undefined)
    ? { problem: 'IOS XR tests eight TCP flags, each for being set or not' }
    : { anyOf: lines.filter(line => line !== undefined) }
}

function fragmentMatch(component: BitmaskComponent, family: 4 | 6): Said {
  if (family === 6) return { problem: 'IOS XR does not match on fragment in IPv6' }
  const words = withSingleBits(component)?.anyOf.map(([test, ...others]) =>
    test === undefined || others.length > 0 || test.isNot ? undefined : bitWord('fragment', test.bits),
  )
  return words === undefined || words.includes(undefined)
    ? { problem: 'IOS XR has words for single parts of fragmented packets only' }
    : { anyOf: words.map(word => `fragment-type ${word}`) }
}

function actionWords(action: Action): { readonly words: string } | { readonly problem: string } {
  switch (action.kind) {
    case 'discard':
      return { words: 'drop' }
    case 'rate-bytes':
      return {
        words:
          action.bytesPerSecond === 0 ? 'drop' : `police rate ${Math.ceil(action.bytesPerSecond * 8)} bps`,
      }
    case 'mark':
      return { words: `set dscp ${action.dscp}` }
    default:
      return { problem: `${action.kind} is not written for IOS XR here` }
  }
}
