// The text by which gobgpd 3.10 names what a rule matches; ListPath has it as the key.

import { formatPrefix } from '#lib/ip/prefix.ts'
import { protocolName } from './names.ts'
import { type Flow, isBitmaskComponent, isPrefixComponent, type NumericComponent } from './rule.ts'

/** Protocols whose names in gobgpd we have seen. */
const NAMED: ReadonlySet<number> = new Set([6, 17, 47, 132])

/**
 * Such as `[destination: 192.0.2.1/32][protocol: ==udp][source-port: ==53]`. `undefined` when the rule holds something
 * that we have not seen gobgpd write: bits, offsets, protocols without a name, `true` and `false`.
 */
export function gobgpKey({ family, components }: Flow): string | undefined {
  const parts: string[] = []
  for (const component of components) {
    if (isPrefixComponent(component)) {
      if (component.offset !== 0) return undefined
      parts.push(`[${component.type}: ${formatPrefix(component.prefix)}${family === 6 ? '/0' : ''}]`)
      continue
    }
    if (isBitmaskComponent(component) || !isKnown(component)) return undefined
    parts.push(`[${component.type === 'flow-label' ? 'label' : component.type}: ${testsOf(component)}]`)
  }
  return parts.join('')
}

const isKnown = ({ type, anyOf }: NumericComponent) =>
  anyOf.flat().every(({ operator, value }) => {
    const isComparison = operator !== 'true' && operator !== 'false'
    return isComparison && (type !== 'protocol' || NAMED.has(value))
  })

function testsOf({ type, anyOf }: NumericComponent): string {
  const name = type === 'protocol' ? protocolName : String
  return anyOf
    .map(list =>
      list.map(({ operator, value }) => `${operator === '=' ? '==' : operator}${name(value)}`).join('&'),
    )
    .join(' ')
}
