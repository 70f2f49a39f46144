// A rule as a command of the API of ExaBGP 4.x, as its version 4.2.21 accepts it (test/routers/flowspec-exabgp.test.ts).

import { formatPrefix } from '#lib/ip/prefix.ts'
import { bitNames } from './names.ts'
import {
  type Action,
  type BitmaskComponent,
  type Component,
  type Flow,
  isBitmaskComponent,
  isPrefixComponent,
  type NumericComponent,
  type RouteTarget,
  type Rule,
} from './rule.ts'
import { hasSingleBits, withSingleBits } from './single-bits.ts'

/** ExaBGP has no words for some of what a rule may be; `what` says of which. */
export type Command =
  | { readonly kind: 'command'; readonly text: string }
  | { readonly kind: 'impossible'; readonly what: string }

const FRAGMENT_WORDS: Readonly<Record<string, string>> = { first: 'first-fragment', last: 'last-fragment' }

export function announceToExabgp(rule: Rule): Command {
  const match = matchOf(rule)
  if (match.kind === 'impossible') return match
  const actions = rule.actions.map(wordsOf)
  const at = actions.indexOf(undefined)
  if (at >= 0) return { kind: 'impossible', what: `action ${rule.actions[at]?.kind ?? ''}` }
  return { kind: 'command', text: `announce flow route { ${match.text} then { ${actions.join(' ')} } }` }
}

/** A withdrawal names the match alone. */
export function withdrawFromExabgp(flow: Flow): Command {
  const match = matchOf(flow)
  return match.kind === 'impossible'
    ? match
    : { kind: 'command', text: `withdraw flow route { ${match.text} }` }
}

function matchOf({ family, components }: Flow): Command {
  if (!components.some(isPrefixComponent)) return { kind: 'impossible', what: 'a rule without a prefix' }
  const words: string[] = []
  for (const component of components) {
    const word = componentOf(component, family)
    if (word === undefined) return { kind: 'impossible', what: `this ${component.type}` }
    words.push(word)
  }
  return { kind: 'command', text: `match { ${words.join(' ')} }` }
}

function componentOf(component: Component, family: 4 | 6): string | undefined {
  if (isPrefixComponent(component)) {
    const offset = component.offset === 0 ? '' : `/${component.offset}`
    return `${component.type} ${formatPrefix(component.prefix)}${offset};`
  }
  const lists = isBitmaskComponent(component) ? bitmaskLists(component) : numericLists(component)
  return lists && `${nameOf(component.type, family)} [${lists.join(' ')}];`
}

function nameOf(type: Component['type'], family: 4 | 6): string {
  if (family === 4) return type
  if (type === 'protocol') return 'next-header'
  return type === 'dscp' ? 'traffic-class' : type
}

function numericLists({ anyOf }: NumericComponent): string[] | undefined {
  const isSayable = anyOf.flat().every(({ operator }) => operator !== 'true' && operator !== 'false')
  return isSayable
    ? anyOf.map(tests => tests.map(({ operator, value }) => `${operator}${value}`).join('&'))
    : undefined
}

/** One bit in each word: ExaBGP joins bits by `+`, which we have not seen it read back. */
function bitmaskLists(component: BitmaskComponent): string[] | undefined {
  const { type } = component
  const single = hasSingleBits(component) ? component : withSingleBits(component)
  if (single === undefined) return undefined
  const lists = single.anyOf.map(tests =>
    tests.map(({ isNot, isMatchAll, bits }) => {
      const name = bitNames(type, bits, '+')
      return `${isNot ? '!' : ''}${isMatchAll ? '=' : ''}${type === 'fragment' ? (FRAGMENT_WORDS[name] ?? name) : name}`
    }),
  )
  const isSayable = lists.flat().every(word => /^!?=?[a-z-]+$/.test(word))
  return isSayable ? lists.map(list => list.join('&')) : undefined
}

function wordsOf(action: Action): string | undefined {
  switch (action.kind) {
    case 'discard':
      return 'discard;'
    case 'rate-bytes':
      // ExaBGP reads whole numbers, sends its own AS, and takes 0 for a discard.
      return Number.isInteger(action.bytesPerSecond) && action.bytesPerSecond > 0
        ? `rate-limit ${action.bytesPerSecond};`
        : undefined
    case 'mark':
      return `mark ${action.dscp};`
    case 'traffic-action':
      if (!action.isSampled && !action.isTerminal) return undefined
      return `action ${[action.isSampled ? 'sample' : '', action.isTerminal ? 'terminal' : ''].filter(Boolean).join('-')};`
    case 'redirect':
      return redirectWords(action.target)
    default:
      return undefined
  }
}

/** ExaBGP takes an AS that fits two octets for one of two, so one of four that would fit cannot be said. */
function redirectWords(target: RouteTarget): string | undefined {
  if (target.kind === 'address' || (target.kind === 'as4' && target.asn <= 0xffff)) return undefined
  return `redirect ${target.asn}:${target.number};`
}
