// Rules a person would write, as text without the target.

import { assert } from '#lib/assert.ts'
import { parseRule } from '#lib/flowspec/parse.ts'
import type { Flow } from '#lib/flowspec/rule.ts'
import { TARGET_PREFIX } from './packets.ts'

/** The match of these components at the target of all mixtures. */
export function ruleByHand(components: string): Flow {
  const parsed = parseRule(`destination ${TARGET_PREFIX} ${components} then discard`)
  assert(parsed.kind === 'parsed', `"${components}" is read as a rule`)
  return parsed.value
}
