// Rules as commands of the gobgp client, as its version 3.10 reads them (test/routers/flowspec-gobgp-command.test.ts).

import { formatPrefix } from '#lib/ip/prefix.ts'
import { type Printed, problemOfRule, textOf } from './printed.ts'
import { BIT_WORDS } from './router-words.ts'
import {
  type Action,
  type BitmaskComponent,
  type BitmaskTest,
  type Component,
  isBitmaskComponent,
  isPrefixComponent,
  type NumericComponent,
  type Rule,
  TCP_FLAG_BITS,
} from './rule.ts'
import { problemsForGobgpd } from './validate.ts'

/** One shell command for each rule; the same with `del` for `add` takes it back. */
export function printGobgp(rules: readonly Rule[]): Printed {
  const problems: string[] = []
  const lines = rules.map(rule => {
    const words = rule.components.map(component => componentWords(component))
    const actions = rule.actions.map(actionWords)
    for (const [at, word] of words.entries())
      if (word === undefined)
        problems.push(problemOfRule(rule, `gobgp has no words for this ${rule.components[at]?.type}`))
    for (const [at, action] of actions.entries())
      if (action === undefined)
        problems.push(problemOfRule(rule, `gobgp has no words for ${rule.actions[at]?.kind}`))
    for (const problem of problemsForGobgpd(rule, { allowOffsets: true }))
      problems.push(problemOfRule(rule, problem))
    return `gobgp global rib add -a ipv${rule.family}-flowspec match ${words.join(' ')} then ${actions.join(' ')}`
  })
  return problems.length > 0 ? { kind: 'impossible', problems } : textOf(lines)
}

function componentWords(component: Component): string | undefined {
  if (isPrefixComponent(component)) {
    const offset = component.offset === 0 ? '' : ` ${component.offset}`
    return `${component.type} ${formatPrefix(component.prefix)}${offset}`
  }
  const list = isBitmaskComponent(component) ? bitmaskList(component) : numericList(component)
  return list && `${component.type === 'flow-label' ? 'label' : component.type} '${list}'`
}

function numericList({ anyOf }: NumericComponent): string | undefined {
  const isSayable = anyOf.flat().every(({ operator }) => operator !== 'true' && operator !== 'false')
  return isSayable
    ? anyOf
        .map(tests =>
          tests.map(({ operator, value }) => `${operator === '=' ? '==' : operator}${value}`).join('&'),
        )
        .join(' ')
    : undefined
}

const FLAG_LETTERS: Readonly<Record<string, number>> = {
  F: TCP_FLAG_BITS.fin,
  S: TCP_FLAG_BITS.syn,
  R: TCP_FLAG_BITS.rst,
  P: TCP_FLAG_BITS.psh,
  A: TCP_FLAG_BITS.ack,
  U: TCP_FLAG_BITS.urg,
  E: TCP_FLAG_BITS.ece,
  C: TCP_FLAG_BITS.cwr,
}

function bitmaskList({ type, anyOf }: BitmaskComponent): string | undefined {
  const [names, joint] = type === 'tcp-flags' ? [FLAG_LETTERS, ''] : [BIT_WORDS.fragment, '+']
  const lists = anyOf.map(tests => tests.map(test => bitmaskWord(test, names, joint)))
  return lists.flat().includes(undefined) ? undefined : lists.map(list => list.join('&')).join(' ')
}

function bitmaskWord(
  { isNot, isMatchAll, bits }: BitmaskTest,
  names: Readonly<Record<string, number>>,
  joint: string,
): string | undefined {
  const held = Object.entries(names).filter(([, bit]) => (bits & bit) !== 0)
  const all = held.reduce((sum, [, bit]) => sum | bit, 0)
  if (bits === 0 || all !== bits) return undefined
  return `${isNot ? '!' : ''}${isMatchAll ? '=' : ''}${held.map(([name]) => name).join(joint)}`
}

function actionWords(action: Action): string | undefined {
  switch (action.kind) {
    case 'discard':
      return 'discard'
    case 'rate-bytes':
      return action.bytesPerSecond > 0
        ? `rate-limit ${action.bytesPerSecond}${asWords(action.asn)}`
        : 'discard'
    case 'mark':
      return `mark ${action.dscp}`
    case 'traffic-action':
      return trafficWords(action)
    case 'redirect':
      return action.target.kind === 'as2'
        ? `redirect ${action.target.asn}:${action.target.number}`
        : undefined
    default:
      return undefined
  }
}

const asWords = (asn: number) => (asn === 0 ? '' : ` as ${asn}`)

function trafficWords({
  isSampled,
  isTerminal,
}: Extract<Action, { kind: 'traffic-action' }>): string | undefined {
  if (isSampled && isTerminal) return 'action sample-terminal'
  if (!isSampled && !isTerminal) return undefined
  return `action ${isSampled ? 'sample' : 'terminal'}`
}
