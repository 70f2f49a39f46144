// Rules as flow routes in the configuration of Junos, as Juniper documents them: `routing-options flow route` for IPv4,
// `routing-options rib inet6.0 flow route` for IPv6. Nobody here has a Junos to try them on.

import { formatPrefix } from '#lib/ip/prefix.ts'
import type { Range } from './build.ts'
import { type Printed, problemOfRule, textOf } from './printed.ts'
import { rangesOf } from './ranges.ts'
import { bitWord, rangeText } from './router-words.ts'
import {
  type Action,
  type BitmaskComponent,
  type BitmaskTest,
  type Component,
  isBitmaskComponent,
  isPrefixComponent,
  type NumericComponent,
  type Rule,
} from './rule.ts'
import { withSingleBits } from './single-bits.ts'

/** Words of a statement, or why there are none. */
type Said = { readonly words: string } | { readonly problem: string }

/** Fields for which ranges are documented; the others take values. */
const WITH_RANGES: ReadonlySet<string> = new Set(['port', 'destination-port', 'source-port', 'packet-length'])
/** A range of another field is written as so many values at most. */
const VALUES_MAX = 16

/** Statements for `load set terminal`; `name` and a number are what the routes are called. */
export function printJunos(rules: readonly Rule[], name = 'floodwarden'): Printed {
  const problems: string[] = []
  const lines = rules.flatMap((rule, at) => {
    const path = `set routing-options ${rule.family === 6 ? 'rib inet6.0 ' : ''}flow route ${name}-${at + 1}`
    const said = [
      ...eitherOr(rule),
      ...rule.components.map(component => componentWords(component, rule.family)),
      ...rule.actions.map(actionWords),
    ]
    return said.flatMap(one => {
      if ('words' in one) return one.words.split('\n').map(words => `${path} ${words}`)
      problems.push(problemOfRule(rule, one.problem))
      return []
    })
  })
  return problems.length > 0 ? { kind: 'impossible', problems } : textOf(lines)
}

function eitherOr({ components }: Rule): Said[] {
  const has = (type: string) => components.some(component => component.type === type)
  return has('port') && (has('destination-port') || has('source-port'))
    ? [{ problem: 'Junos takes port or destination-port and source-port, not both' }]
    : []
}

function componentWords(component: Component, family: 4 | 6): Said {
  if (isPrefixComponent(component)) {
    const { type, prefix, offset } = component
    const match = `match ${type} ${formatPrefix(prefix)}`
    return { words: offset === 0 ? match : `${match}\nmatch ${type} prefix-offset ${offset}` }
  }
  if (!isBitmaskComponent(component)) return numericWords(component, family)
  return component.type === 'tcp-flags' ? flagWords(component) : fragmentWords(component)
}

function numericWords(component: NumericComponent, family: 4 | 6): Said {
  const { type } = component
  const ranges = rangesOf(component)
  const values = WITH_RANGES.has(type) ? ranges.map(rangeText) : valuesOf(ranges)
  if (ranges.length === 0) return { problem: `no ${type} can match` }
  if (values === undefined)
    return { problem: `Junos takes values of ${type}, and these ranges are more than ${VALUES_MAX}` }
  const name = family === 6 ? type.replace('icmp-', 'icmp6-') : type
  return { words: `match ${name} ${bracketed(values)}` }
}

function valuesOf(ranges: readonly Range[]): string[] | undefined {
  if (ranges.reduce((sum, { from, to }) => sum + to - from + 1, 0) > VALUES_MAX) return undefined
  return ranges.flatMap(({ from, to }) => Array.from({ length: to - from + 1 }, (_, at) => String(from + at)))
}

const bracketed = (values: readonly string[]): string =>
  values.length === 1 ? (values[0] ?? '') : `[ ${values.join(' ')} ]`

/** A bit-field expression: `&` binds closer than `|`, and `!` closest. */
function flagWords(component: BitmaskComponent): Said {
  const lists = withSingleBits(component)?.anyOf.map(tests =>
    tests.map(({ isNot, bits }) => {
      const name = bitWord('tcp-flags', bits)
      return name && `${isNot ? '!' : ''}${name}`
    }),
  )
  if (lists === undefined || lists.flat().includes(undefined))
    return { problem: 'Junos tests fin, syn, rst, push, ack and urgent' }
  return { words: `match tcp-flags "${lists.map(list => list.join(' & ')).join(' | ')}"` }
}

/** Each word stands for one bit, and of several one has to hold. */
function fragmentWords(component: BitmaskComponent): Said {
  const words = withSingleBits(component)?.anyOf.map(fragmentWord)
  return words === undefined || words.includes(undefined)
    ? { problem: 'Junos has words for single parts of fragmented packets only' }
    : { words: `match fragment ${bracketed(words.filter(word => word !== undefined))}` }
}

function fragmentWord(tests: readonly BitmaskTest[]): string | undefined {
  const [test, ...others] = tests
  if (test !== undefined && others.length === 0 && !test.isNot) return bitWord('fragment', test.bits)
  const cleared = tests.every(({ isNot }) => isNot) ? tests.reduce((sum, { bits }) => sum | bits, 0) : 0
  return cleared === ANY_FRAGMENT ? 'not-a-fragment' : undefined
}

/** First, last, or one between. */
const ANY_FRAGMENT = 14

function actionWords(action: Action): Said {
  switch (action.kind) {
    case 'discard':
      return { words: 'then discard' }
    case 'rate-bytes':
      // Bits per second here, bytes per second in BGP.
      return {
        words:
          action.bytesPerSecond === 0
            ? 'then discard'
            : `then rate-limit ${Math.ceil(action.bytesPerSecond * 8)}`,
      }
    case 'mark':
      return { words: `then mark ${action.dscp}` }
    case 'traffic-action':
      return trafficWords(action)
    case 'redirect':
      return action.target.kind === 'as2'
        ? { words: `then routing-instance target:${action.target.asn}:${action.target.number}` }
        : { problem: 'a redirect to such a target is not documented of Junos' }
    default:
      return { problem: `${action.kind} is not documented of flow routes of Junos` }
  }
}

/** The bit called terminal lets later rules be looked at as well (RFC 8955, section 7.3). */
function trafficWords({ isSampled, isTerminal }: Extract<Action, { kind: 'traffic-action' }>): Said {
  const words = [...(isSampled ? ['then sample'] : []), ...(isTerminal ? ['then next-term'] : [])]
  return words.length === 0 ? { problem: 'an action of no bits says nothing' } : { words: words.join('\n') }
}
