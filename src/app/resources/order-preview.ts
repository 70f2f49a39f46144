// An order of an operator before it is made: what it matches and does as a rule, and what policy would say.

import type { ManualOrder } from '#4-detection/reported-attack.ts'
import type { Decision } from '#6-policy/decide.ts'
import { assert } from '#lib/assert.ts'
import { canonical } from '#lib/flowspec/canonical.ts'
import { parseRule } from '#lib/flowspec/parse.ts'
import { printFlow } from '#lib/flowspec/print.ts'
import { formatPrefix, parsePrefix } from '#lib/ip/prefix.ts'
import type { Previewed } from '../rules/rule-preview.ts'
import type { Foreseen } from '../rules/rule-room.ts'
import { textOf } from '../rules/rule-view.ts'

/** The order as the rule it becomes, whether or not policy lets it. */
export function ruleOfOrder({ target, protocol, ports, order }: ManualOrder): Previewed {
  const prefix = parsePrefix(target)
  assert(prefix !== undefined, 'the contract lets only addresses and prefixes pass')
  const parts = [
    `destination ${formatPrefix(prefix)}`,
    ...(protocol === undefined ? [] : [`protocol =${protocol}`]),
    ...(ports.length === 0 ? [] : [`destination-port ${ports.map(port => `=${port}`).join()}`]),
  ]
  const parsed = parseRule(parts.join(' '))
  assert(parsed.kind === 'parsed', 'it is put together of such parts')
  const flow = printFlow(canonical(parsed.value))
  const { kind: action, bitsPerSecond } = order
  const rate = bitsPerSecond === undefined ? {} : { bitsPerSecond }
  return { target, flow, text: textOf({ kind: 'filter', target, flow, action, ...rate }) }
}

export function foreseenOf(decision: Decision): Foreseen {
  const rails = decision.kind === 'refused' ? decision.refusals : []
  const nothing = decision.kind === 'nothing' ? [{ by: 'policy', reason: decision.reason }] : []
  return { refusals: [...nothing, ...rails.map(({ rail, reason }) => ({ by: rail, reason }))], decision }
}
