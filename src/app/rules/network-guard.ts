// A network or a customer's prefix with a live rule in it stays: a configuration without it is refused, with the rules that are in
// the way. Otherwise a rule would lose its owner, or its announcement, without anybody having said so.

import { prefixesOf } from '#3-traffic/hostgroup.ts'
import { buildInventory, type Inventory } from '#6-policy/inventory.ts'
import { parsePrefix } from '#lib/ip/prefix.ts'
import { PrefixSet } from '#lib/ip/prefix-set.ts'
import type { Problem } from '#lib/schema/problem.ts'
import type { ResolvedConfig } from '../config/config.ts'
import type { RuleRecord } from './rule-record.ts'

/** Of more it is told how many there are. */
const TOLD_MAX = 20

/** What is wrong with going on by `after`, whose text is in `file`. */
export function problemsOfRules(
  live: readonly RuleRecord[],
  after: Pick<ResolvedConfig, 'networks' | 'inventory'>,
  file: string,
): Problem[] {
  if (live.length === 0) return []
  const networks = new PrefixSet(prefixesOf(after.networks))
  const built = buildInventory(after.inventory)
  const inventory = built.kind === 'ok' ? built.inventory : undefined
  const problems = live.flatMap(record => problemOf(record, networks, inventory, file) ?? [])
  const [first] = problems
  const more = problems.length - TOLD_MAX
  if (first === undefined || more <= 0) return problems
  const last = { ...first, message: `${more} more live rules are in the way`, hint: undefined }
  return [...problems.slice(0, TOLD_MAX), last]
}

function problemOf(
  { id, target, customer }: RuleRecord,
  networks: PrefixSet,
  inventory: Inventory | undefined,
  file: string,
): Problem | undefined {
  const prefix = parsePrefix(target)
  if (prefix === undefined) return undefined
  const problem = (path: string, message: string): Problem => ({
    ...{ code: 'config-network-in-use', severity: 'error', file, line: 0, column: 0, path, message },
    hint: `withdraw it first: floodwarden rule withdraw ${id}`,
  })
  if (networks.covering(prefix) === undefined)
    return problem(
      'networks',
      `rule ${id} is live, and its target ${target} would be in none of our networks`,
    )
  if (customer !== undefined && inventory?.find(prefix)?.customer.id !== customer)
    return problem(
      'inventory.customers',
      `rule ${id} is live, and its target ${target} would no longer be ${customer}'s`,
    )
  return undefined
}
