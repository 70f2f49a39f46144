// What a rule matches, as gobgpd takes and lists it. Operators and values are those of the wire; gobgpd adds the ends of
// lists and the lengths of values itself.

import { AND, MATCH_ALL, NOT, OPERATOR_BITS } from '#lib/flowspec/encode.ts'
import {
  type BitmaskComponent,
  type BitmaskTest,
  type BitmaskType,
  COMPONENT_NUMBERS,
  type Component,
  type ComponentType,
  type Flow,
  isBitmaskComponent,
  isPrefixComponent,
  type NumericComponent,
  type NumericTest,
  type NumericType,
  type Operator,
} from '#lib/flowspec/rule.ts'
import { formatAddress } from '#lib/ip/address.ts'
import { parsePrefix } from '#lib/ip/prefix.ts'
import { isRecord, listOf, numberOf, type Packed, TYPE, textOf, unpack } from './wire.ts'

const TYPES: ReadonlyMap<number, ComponentType> = new Map(
  // The names are the keys of the table, which `Object.entries` forgets.
  (Object.keys(COMPONENT_NUMBERS) as ComponentType[]).map(type => [COMPONENT_NUMBERS[type], type]),
)
const OPERATORS: ReadonlyMap<number, Operator> = new Map(
  (Object.keys(OPERATOR_BITS) as Operator[]).map(operator => [OPERATOR_BITS[operator], operator]),
)

/** A FlowSpecNLRI for an `Any`. */
export const flowNlri = ({ components }: Flow): object => ({
  '@type': `${TYPE}FlowSpecNLRI`,
  rules: components.map(messageOf),
})

function messageOf(component: Component): object {
  const type = COMPONENT_NUMBERS[component.type]
  if (isPrefixComponent(component)) {
    const { family, value, length } = component.prefix
    const prefix = formatAddress({ family, value })
    return {
      '@type': `${TYPE}FlowSpecIPPrefix`,
      type,
      prefix,
      prefix_len: length,
      offset: component.offset,
    }
  }
  const items = isBitmaskComponent(component) ? bitmaskItems(component) : numericItems(component)
  return { '@type': `${TYPE}FlowSpecComponent`, type, items }
}

const numericItems = ({ anyOf }: NumericComponent): object[] =>
  anyOf.flatMap(tests =>
    tests.map(({ operator, value }, at) => ({ op: OPERATOR_BITS[operator] | (at > 0 ? AND : 0), value })),
  )

const bitmaskItems = ({ anyOf }: BitmaskComponent): object[] =>
  anyOf.flatMap(tests =>
    tests.map(({ isNot, isMatchAll, bits }, at) => ({
      op: (isNot ? NOT : 0) | (isMatchAll ? MATCH_ALL : 0) | (at > 0 ? AND : 0),
      value: bits,
    })),
  )

/** Reads a listed FlowSpecNLRI. `undefined` when it is none that we could have announced. */
export function flowOf({ name, fields }: Packed, family: 4 | 6): Flow | undefined {
  if (name !== 'FlowSpecNLRI') return undefined
  const components: Component[] = []
  for (const rule of listOf(fields['rules'])) {
    const packed = unpack(rule)
    const component = packed && componentOf(packed, family)
    if (component === undefined) return undefined
    components.push(component)
  }
  return components.length === 0 ? undefined : { family, components }
}

function componentOf({ name, fields }: Packed, family: 4 | 6): Component | undefined {
  const type = TYPES.get(numberOf(fields['type']))
  if (type === undefined) return undefined
  if (type === 'destination' || type === 'source') {
    const prefix = parsePrefix(`${textOf(fields['prefix'])}/${numberOf(fields['prefix_len'])}`)
    const isPrefix = name === 'FlowSpecIPPrefix' && prefix?.family === family
    return isPrefix ? { type, prefix, offset: numberOf(fields['offset']) } : undefined
  }
  if (name !== 'FlowSpecComponent') return undefined
  const items = listOf(fields['items']).filter(isRecord)
  if (items.length === 0) return undefined
  return type === 'tcp-flags' || type === 'fragment' ? bitmaskOf(type, items) : numericOf(type, items)
}

type Item = Readonly<Record<string, unknown>>

function numericOf(type: NumericType, items: readonly Item[]): NumericComponent {
  const anyOf: NumericTest[][] = []
  for (const { op, value } of items)
    append(anyOf, numberOf(op), {
      operator: OPERATORS.get(numberOf(op) & 7) ?? 'false',
      value: numberOf(value),
    })
  return { type, anyOf }
}

function bitmaskOf(type: BitmaskType, items: readonly Item[]): BitmaskComponent {
  const anyOf: BitmaskTest[][] = []
  for (const { op, value } of items)
    append(anyOf, numberOf(op), {
      isNot: (numberOf(op) & NOT) !== 0,
      isMatchAll: (numberOf(op) & MATCH_ALL) !== 0,
      bits: numberOf(value),
    })
  return { type, anyOf }
}

/** Adds to the last list, or begins one. */
function append<Test>(anyOf: Test[][], op: number, test: Test): void {
  const last = anyOf.at(-1)
  if (last !== undefined && (op & AND) !== 0) last.push(test)
  else anyOf.push([test])
}
