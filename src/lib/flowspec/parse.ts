// Reads a rule in our text form (docs/reference/flowspec.md).

import { hasHostBits, parsePrefix } from '#lib/ip/prefix.ts'
import { byNumber } from './build.ts'
import { ruleProblems } from './check.ts'
import { BIT_NAMES, PROTOCOLS } from './names.ts'
import { parseActions } from './parse-action.ts'
import {
  type BitmaskTest,
  type BitmaskType,
  COMPONENT_NUMBERS,
  type Component,
  type ComponentType,
  isPrefixComponent,
  type NumericTest,
  type NumericType,
  type Operator,
  type PrefixType,
  type Rule,
} from './rule.ts'
import { fail, type Parsed, type Problem, Words } from './words.ts'

const OPERATORS: ReadonlySet<string> = new Set(['=', '!=', '<', '<=', '>', '>='])
const LONGEST_TEXT = 32_768

/** Components may come in any order; the rule has them in the order of BGP. */
export function parseRule(text: string): Parsed<Rule> {
  if (text.length > LONGEST_TEXT)
    return fail(1, `the rule is longer than ${LONGEST_TEXT} characters`, 'split it')
  const words = new Words(text)
  const named = words.take('ipv4', 'ipv6')
  const components: Component[] = []
  for (let word = words.next(); word !== undefined && word.text !== 'then'; word = words.next()) {
    const type = word.text === 'next-header' ? 'protocol' : word.text
    if (!isType(type))
      return fail(
        word.column,
        `"${word.text}" is no component`,
        `use one of ${Object.keys(COMPONENT_NUMBERS).join(', ')} or "then"`,
      )
    if (components.some(component => component.type === type))
      return fail(word.column, `${type} comes twice`, 'write one list, with commas')
    const component = parseComponent(type, words)
    if (component.kind === 'problem') return component
    components.push(component.value)
  }
  const actions = parseActions(words)
  if (actions.kind === 'problem') return actions
  const family = components.find(isPrefixComponent)?.prefix.family ?? (named === 'ipv6' ? 6 : 4)
  const rule = { family, components: components.sort(byNumber), actions: actions.value }
  if (named !== undefined && named !== `ipv${family}`)
    return fail(1, `the rule says ${named} and has a prefix of IPv${family}`, 'leave the word out')
  const [problem] = ruleProblems(rule)
  return problem === undefined
    ? { kind: 'parsed', value: rule }
    : fail(1, problem, 'write a rule that BGP can carry')
}

const isType = (text: string): text is ComponentType => Object.hasOwn(COMPONENT_NUMBERS, text)

function parseComponent(type: ComponentType, words: Words): Parsed<Component> {
  const word = words.next()
  if (word === undefined) return fail(words.column, `${type} has no value`, 'write it after the name')
  switch (type) {
    case 'destination':
    case 'source':
      return parsePrefixComponent(type, word.text, word.column, words)
    case 'tcp-flags':
    case 'fragment': {
      const anyOf = parseList(word.text, word.column, (test, column) => parseBitmask(type, test, column))
      return anyOf.kind === 'problem' ? anyOf : { kind: 'parsed', value: { type, anyOf: anyOf.value } }
    }
    default: {
      const anyOf = parseList(word.text, word.column, (test, column) => parseNumeric(type, test, column))
      return anyOf.kind === 'problem' ? anyOf : { kind: 'parsed', value: { type, anyOf: anyOf.value } }
    }
  }
}

function parsePrefixComponent(
  type: PrefixType,
  text: string,
  column: number,
  words: Words,
): Parsed<Component> {
  const prefix = parsePrefix(text)
  if (prefix === undefined) return fail(column, `"${text}" is no prefix`, 'write one such as 192.0.2.0/24')
  if (hasHostBits(text))
    return fail(column, `"${text}" has host bits set`, 'write the first address of the prefix')
  if (words.take('offset') === undefined) return { kind: 'parsed', value: { type, prefix, offset: 0 } }
  const word = words.next()
  if (word === undefined || !/^\d{1,3}$/.test(word.text))
    return fail(word?.column ?? words.column, 'offset has no number', 'write one below the length')
  return { kind: 'parsed', value: { type, prefix, offset: Number(word.text) } }
}

function parseList<Test>(
  text: string,
  column: number,
  parse: (test: string, column: number) => Parsed<Test>,
): Parsed<Test[][]> {
  const anyOf: Test[][] = []
  let at = column
  for (const list of text.split(',')) {
    const tests: Test[] = []
    for (const test of list.split('&')) {
      const parsed = parse(test, at)
      if (parsed.kind === 'problem') return parsed
      tests.push(parsed.value)
      at += test.length + 1
    }
    anyOf.push(tests)
  }
  return { kind: 'parsed', value: anyOf }
}

function parseNumeric(type: NumericType, text: string, column: number): Parsed<NumericTest> {
  const constant = /^(true|false)(?::(\d{1,10}))?$/.exec(text)
  if (constant !== null)
    return {
      kind: 'parsed',
      value: { operator: constant[1] === 'true' ? 'true' : 'false', value: Number(constant[2] ?? 0) },
    }
  const [, operator = '', value = ''] = /^([=!<>]*)(.*)$/.exec(text) ?? []
  const number = type === 'protocol' && Object.hasOwn(PROTOCOLS, value) ? PROTOCOLS[value] : numberOf(value)
  // A number alone is what most people mean by "equal".
  const known = operator === '' ? '=' : operator
  if (!isOperator(known)) return fail(column, `"${operator}" is no comparison`, 'use =, !=, <, <=, > or >=')
  if (number === undefined)
    return fail(
      column,
      `"${value}" is no value of ${type}`,
      'write a number, and lists without blanks, such as =80,>=1000&<=1500',
    )
  return { kind: 'parsed', value: { operator: known, value: number } }
}

const isOperator = (text: string): text is Operator => OPERATORS.has(text)

function parseBitmask(type: BitmaskType, text: string, column: number): Parsed<BitmaskTest> {
  const [, not = '', all = '', names = ''] = /^(!?)(=?)(.*)$/.exec(text) ?? []
  let bits = 0
  for (const name of names.split('+')) {
    const bit = Object.hasOwn(BIT_NAMES[type], name) ? BIT_NAMES[type][name] : numberOf(name)
    if (bit === undefined) return noBit(type, name, column)
    bits |= bit
  }
  return { kind: 'parsed', value: { isNot: not !== '', isMatchAll: all !== '', bits } }
}

const noBit = (type: BitmaskType, name: string, column: number): Problem =>
  fail(
    column,
    `"${name}" is no bit of ${type}`,
    `use ${Object.keys(BIT_NAMES[type]).join(', ')}, joined by +`,
  )

/** Decimal, or hexadecimal with `0x`. */
const numberOf = (text: string): number | undefined =>
  /^(\d{1,10}|0x[0-9a-f]{1,8})$/.test(text) ? Number(text) : undefined
