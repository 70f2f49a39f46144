// What a schema cannot see in an inventory: addresses and names that are each possible and together make no sense.

import { formatPrefix, hasHostBits, parsePrefix } from '#lib/ip/prefix.ts'
import { PrefixSet } from '#lib/ip/prefix-set.ts'
import { bySpan, formatSpan, isWithin, parseSpan, prefixAround, type Span, spanOf } from '#lib/ip/span.ts'
import { nearest } from '#lib/schema/nearest.ts'
import type { Problem, SettingPath } from '#lib/schema/problem.ts'
import type { InventoryErrorCode } from './errors.ts'
import type { AssetConfig, CustomerConfig, InventoryConfig } from './inventory-config.ts'

/** Where it was written is for whoever has read the file. */
export interface InventoryProblem extends Pick<Problem, 'severity' | 'message' | 'hint'> {
  readonly code: InventoryErrorCode
  readonly path: SettingPath
}

/** A prefix or asset that could be read, and whose it is. */
export interface Claim<Config> extends Span {
  readonly path: SettingPath
  readonly customer: CustomerConfig
  readonly config: Config
}

export interface CheckedInventory {
  readonly problems: readonly InventoryProblem[]
  /** In the order of the inventory, without those that could not be read. */
  readonly prefixes: readonly Claim<string>[]
  readonly assets: readonly Claim<AssetConfig>[]
}

/** All problems at once, not only the first. */
export function checkInventory({ pops, customers }: InventoryConfig): CheckedInventory {
  const problems: InventoryProblem[] = [
    ...repeatedIds(pops, ['pops'], 'POP'),
    ...repeatedIds(customers, ['customers'], 'customer'),
  ]
  const popIds = new Set(pops.map(({ id }) => id))
  const prefixes: Claim<string>[] = []
  const assets: Claim<AssetConfig>[] = []
  for (const [at, customer] of customers.entries()) {
    const path = ['customers', at]
    const own = readPrefixes(customer, path)
    const held = readAssets(customer, path)
    problems.push(
      ...repeatedIds(customer.services, [...path, 'services'], 'service'),
      ...own.problems,
      ...held.problems,
      // A prefix that cannot be read may be the one that an asset lies in.
      ...(own.claims.length === customer.prefixes.length ? outside(held.claims, own.claims) : []),
      ...unknownReferences(customer, path, popIds),
    )
    for (const claim of own.claims) prefixes.push(claim)
    for (const claim of held.claims) assets.push(claim)
  }
  problems.push(...overlappingPrefixes(prefixes), ...overlappingAssets(assets))
  return { problems, prefixes, assets }
}

function problem(
  code: InventoryErrorCode,
  path: SettingPath,
  message: string,
  hint?: string,
): InventoryProblem {
  const isUsable = code === 'inventory-host-bits' || code === 'inventory-default-route'
  return { code, severity: isUsable ? 'warning' : 'error', path, message, hint }
}

interface Read<Config> {
  readonly claims: readonly Claim<Config>[]
  readonly problems: readonly InventoryProblem[]
}

function readPrefixes(customer: CustomerConfig, above: SettingPath): Read<string> {
  const claims: Claim<string>[] = []
  const problems: InventoryProblem[] = []
  for (const [at, text] of customer.prefixes.entries()) {
    const path = [...above, 'prefixes', at]
    const prefix = parsePrefix(text)
    if (prefix === undefined) {
      const message = `expected an IPv4 or IPv6 prefix such as 192.0.2.0/24 or 2001:db8::/32, found ${quote(text)}`
      problems.push(problem('inventory-prefix', path, message))
      continue
    }
    problems.push(...oddPrefix(text, path))
    if (prefix.length === 0)
      problems.push(problem('inventory-default-route', path, `${formatPrefix(prefix)} holds every address`))
    claims.push({ ...spanOf(prefix), path, customer, config: text })
  }
  return { claims, problems }
}

function readAssets(customer: CustomerConfig, above: SettingPath): Read<AssetConfig> {
  const claims: Claim<AssetConfig>[] = []
  const problems: InventoryProblem[] = []
  for (const [at, config] of customer.assets.entries()) {
    const path = [...above, 'assets', at, 'prefix']
    const span = parseSpan(config.prefix)
    if (span === undefined) {
      const message = `expected a prefix, an address or a range such as 192.0.2.10-192.0.2.20, found ${quote(config.prefix)}`
      problems.push(problem('inventory-prefix', path, message))
      continue
    }
    problems.push(...oddPrefix(config.prefix, path))
    claims.push({ ...span, path, customer, config })
  }
  return { claims, problems }
}

const quote = (text: string): string => JSON.stringify(text)

function oddPrefix(text: string, path: SettingPath): InventoryProblem[] {
  const prefix = parsePrefix(text)
  if (prefix === undefined || !hasHostBits(text)) return []
  const message = `${text} has host bits set; used as ${formatPrefix(prefix)}`
  return [problem('inventory-host-bits', path, message)]
}

function outside(
  assets: readonly Claim<AssetConfig>[],
  prefixes: readonly Claim<string>[],
): InventoryProblem[] {
  if (assets.length === 0) return []
  const own = new PrefixSet(prefixes.map(prefixAround))
  return assets.flatMap(asset => {
    if (own.covering(prefixAround(asset)) !== undefined) return []
    const message = `${formatSpan(asset)} lies in no prefix of its customer ${asset.customer.id}`
    return [problem('inventory-outside', asset.path, message)]
  })
}

/** Prefixes lie apart or one within the other, so the one that is still open decides. */
function overlappingPrefixes(prefixes: readonly Claim<string>[]): InventoryProblem[] {
  return openOnes(prefixes).flatMap(([earlier, later]) => {
    if (earlier.customer !== later.customer) {
      const message = `${formatSpan(later)} overlaps ${formatSpan(earlier)} of the customer ${earlier.customer.id}`
      return [problem('inventory-overlap', later.path, message)]
    }
    if (bySpan(earlier, later) !== 0) return []
    const message = `${formatSpan(later)} stands in the customer ${later.customer.id} twice`
    return [problem('inventory-duplicate', later.path, message)]
  })
}

function overlappingAssets(assets: readonly Claim<AssetConfig>[]): InventoryProblem[] {
  return openOnes(assets).flatMap(([earlier, later]) => {
    const other = `${formatSpan(earlier)} of the customer ${earlier.customer.id}`
    if (bySpan(earlier, later) === 0) {
      return [
        problem('inventory-duplicate', later.path, `${formatSpan(later)} is an asset already: ${other}`),
      ]
    }
    if (isWithin(earlier, later) || isWithin(later, earlier)) return []
    const message = `${formatSpan(later)} overlaps ${other}, and neither lies within the other`
    return [problem('inventory-overlap', later.path, message)]
  })
}

/** Each claim that begins within another one, with the innermost of those, in the order they are written. */
function openOnes<Config>(claims: readonly Claim<Config>[]): [Claim<Config>, Claim<Config>][] {
  const pairs: [Claim<Config>, Claim<Config>][] = []
  const orderOf = new Map(claims.map((claim, at) => [claim, at] as const))
  const open: Claim<Config>[] = []
  for (const claim of claims.toSorted(bySpan)) {
    let around = open.at(-1)
    while (around !== undefined && (around.family !== claim.family || around.last < claim.first)) {
      open.pop()
      around = open.at(-1)
    }
    open.push(claim)
    if (around === undefined) continue
    const isLater = (orderOf.get(claim) ?? 0) > (orderOf.get(around) ?? 0)
    pairs.push(isLater ? [around, claim] : [claim, around])
  }
  return pairs
}

function repeatedIds(
  entries: readonly { readonly id: string }[],
  path: SettingPath,
  what: string,
): InventoryProblem[] {
  const seen = new Set<string>()
  return entries.flatMap(({ id }, at) => {
    const isRepeated = seen.has(id)
    seen.add(id)
    const message = `there is a ${what} ${quote(id)} already`
    return isRepeated ? [problem('inventory-duplicate', [...path, at, 'id'], message)] : []
  })
}

function unknownReferences(
  customer: CustomerConfig,
  path: SettingPath,
  popIds: ReadonlySet<string>,
): InventoryProblem[] {
  const serviceIds = new Set(customer.services.map(({ id }) => id))
  const inPops = (id: string | undefined, at: SettingPath) =>
    missing(id, popIds, 'there is no POP', [...at, 'pop'])
  return [
    ...inPops(customer.pop, path),
    ...customer.assets.flatMap(({ service, pop }, at) => {
      const here = [...path, 'assets', at]
      const none = `the customer ${customer.id} has no service`
      return [...missing(service, serviceIds, none, [...here, 'service']), ...inPops(pop, here)]
    }),
  ]
}

function missing(
  id: string | undefined,
  known: ReadonlySet<string>,
  none: string,
  path: SettingPath,
): InventoryProblem[] {
  if (id === undefined || known.has(id)) return []
  const near = nearest(id, known)
  const hint = near === undefined ? undefined : `did you mean ${near}?`
  return [problem('inventory-reference', path, `${none} ${quote(id)}`, hint)]
}
