// The text by which gobgpd 3.x names and shows what a rule matches; ListPath has it as the key.

import { formatPrefix } from '#lib/ip/prefix.ts'
import { protocolName } from './names.ts'
import { type Flow, isBitmaskComponent, isPrefixComponent, type NumericComponent } from './rule.ts'

/**
 * For prefixes and numbers, such as `[destination: 192.0.2.1/32][protocol: ==udp][source-port: ==53]`. `undefined`
 * when the rule holds what gobgpd writes in a way of its own: bits and offsets.
 */
export function gobgpKey({ components }: Flow): string | undefined {
  const parts = components.map(component => {
    if (isPrefixComponent(component))
      return component.offset === 0 ? `[${component.type}: ${formatPrefix(component.prefix)}]` : undefined
    if (isBitmaskComponent(component)) return undefined
    return `[${component.type}: ${tests(component)}]`
  })
  return parts.includes(undefined) ? undefined : parts.join('')
}

function tests({ type, anyOf }: NumericComponent): string {
  const name = type === 'protocol' ? protocolName : String
  return anyOf
    .map(list =>
      list.map(({ operator, value }) => `${operator === '=' ? '==' : operator}${name(value)}`).join('&'),
    )
    .join(' ')
}
