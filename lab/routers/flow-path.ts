// A FlowSpec rule as gobgpd takes it (flow-paths.proto). Communities go as the octets of our codec, whatever they mean.

import { encodeActions } from '#lib/flowspec/communities.ts'
import { AND, MATCH_ALL, NOT, OPERATOR_BITS } from '#lib/flowspec/encode.ts'
import {
  type BitmaskTest,
  COMPONENT_NUMBERS,
  type Component,
  isBitmaskComponent,
  isPrefixComponent,
  type NumericTest,
  type Rule,
} from '#lib/flowspec/rule.ts'
import { formatAddress } from '#lib/ip/address.ts'

const TYPE = 'type.googleapis.com/apipb.'
const FLOWSPEC = 133

export function flowPathOf(rule: Rule, isWithdrawal: boolean): object {
  const family = { afi: rule.family === 4 ? 1 : 2, safi: FLOWSPEC }
  const nlri = { '@type': `${TYPE}FlowSpecNLRI`, rules: rule.components.map(componentOf) }
  const communities = encodeActions(rule.actions).extended.map(octets => ({
    '@type': `${TYPE}UnknownExtended`,
    type: octets[0],
    value: Buffer.from(octets.subarray(1)).toString('base64'),
  }))
  const pattrs = [
    { '@type': `${TYPE}OriginAttribute`, origin: 0 },
    { '@type': `${TYPE}MpReachNLRIAttribute`, family, next_hops: ['0.0.0.0'], nlris: [nlri] },
    { '@type': `${TYPE}ExtendedCommunitiesAttribute`, communities },
  ]
  return { nlri, pattrs, family, is_withdraw: isWithdrawal }
}

function componentOf(component: Component): object {
  const type = COMPONENT_NUMBERS[component.type]
  if (isPrefixComponent(component)) {
    const { family, value, length } = component.prefix
    return {
      '@type': `${TYPE}FlowSpecIPPrefix`,
      type,
      prefix_len: length,
      prefix: formatAddress({ family, value }),
      offset: component.offset,
    }
  }
  const items = isBitmaskComponent(component)
    ? itemsOf(component.anyOf, bitmaskItem)
    : itemsOf(component.anyOf, numericItem)
  return { '@type': `${TYPE}FlowSpecComponent`, type, items }
}

interface Item {
  readonly op: number
  readonly value: number
}

const itemsOf = <Test>(anyOf: readonly (readonly Test[])[], itemOf: (test: Test) => Item): Item[] =>
  anyOf.flatMap(tests =>
    tests.map(itemOf).map(({ op, value }, at) => ({ op: at === 0 ? op : op | AND, value })),
  )

const numericItem = ({ operator, value }: NumericTest): Item => ({ op: OPERATOR_BITS[operator], value })

const bitmaskItem = ({ isNot, isMatchAll, bits }: BitmaskTest): Item => ({
  op: (isNot ? NOT : 0) | (isMatchAll ? MATCH_ALL : 0),
  value: bits,
})
