// Writes a rule in our text form; the grammar stands in docs/reference/flowspec.md, and parse.ts reads it back.

import { type Address, formatAddress } from '#lib/ip/address.ts'
import { formatPrefix } from '#lib/ip/prefix.ts'
import { unreachable } from '#lib/unreachable.ts'
import { bitNames, protocolName } from './names.ts'
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

/** One line, such as `destination 192.0.2.1/32 protocol =udp then discard`. */
export function printRule(rule: Rule): string {
  if (rule.actions.length === 0) return printFlow(rule)
  return `${printFlow(rule)} then ${rule.actions.map(printAction).join(', ')}`
}

/** What it matches. The family is named where no prefix shows it. */
export function printFlow({ family, components }: Flow): string {
  const parts = components.map(printComponent)
  return (components.some(isPrefixComponent) ? parts : [`ipv${family}`, ...parts]).join(' ')
}

function printComponent(component: Component): string {
  if (isPrefixComponent(component)) {
    const offset = component.offset === 0 ? '' : ` offset ${component.offset}`
    return `${component.type} ${formatPrefix(component.prefix)}${offset}`
  }
  const list = isBitmaskComponent(component) ? printBitmask(component) : printNumeric(component)
  return `${component.type} ${list}`
}

function printNumeric({ type, anyOf }: NumericComponent): string {
  const name = type === 'protocol' ? protocolName : String
  return anyOf
    .map(tests =>
      tests
        .map(({ operator, value }) => {
          // The value of these two means nothing, but equal bytes need it.
          if (operator === 'true' || operator === 'false')
            return value === 0 ? operator : `${operator}:${value}`
          return `${operator}${name(value)}`
        })
        .join('&'),
    )
    .join()
}

function printBitmask({ type, anyOf }: BitmaskComponent): string {
  return anyOf
    .map(tests =>
      tests
        .map(
          ({ isNot, isMatchAll, bits }) =>
            `${isNot ? '!' : ''}${isMatchAll ? '=' : ''}${bitNames(type, bits, '+')}`,
        )
        .join('&'),
    )
    .join()
}

/** One action, as it stands after `then`. */
export function printAction(action: Action): string {
  switch (action.kind) {
    case 'discard':
      return 'discard'
    case 'rate-bytes':
      return `rate ${action.bytesPerSecond} bytes/s${printAs(action.asn)}`
    case 'rate-packets':
      return `rate ${action.packetsPerSecond} packets/s${printAs(action.asn)}`
    case 'traffic-action':
      return `action ${action.isSampled ? 'sample' : ''}${action.isSampled && action.isTerminal ? '+' : ''}${action.isTerminal ? 'terminal' : action.isSampled ? '' : 'none'}`
    case 'redirect':
      return `redirect ${printTarget(action.target)}`
    case 'redirect-ip':
      return `redirect-ip ${formatAddress(action.address)}${action.isCopy ? ' copy' : ''}`
    case 'mark':
      return `mark ${action.dscp}`
    default:
      return unreachable(action)
  }
}

const printAs = (asn: number) => (asn === 0 ? '' : ` as ${asn}`)

/** A four-octet AS that would fit two carries an `L`, as routers write it. */
function printTarget(target: RouteTarget): string {
  if (target.kind === 'address') return `${printHost(target.address)}:${target.number}`
  return `${target.asn}${target.kind === 'as4' && target.asn <= 65_535 ? 'L' : ''}:${target.number}`
}

const printHost = (address: Address) =>
  address.family === 4 ? formatAddress(address) : `[${formatAddress(address)}]`
