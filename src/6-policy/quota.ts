// Quotas: how many announcements are held at a time and begin within a minute, for all, for each customer and each POP, and
// how many rules each enforcer holds. One step for all announcements of a decision, so that none slips in between.

import type { HeldCounts, Usage, Verdict } from './guardrail.ts'

export interface Quota {
  /** Announcements at the same time; `undefined`: no limit. */
  readonly activeMax?: number | undefined
  /** Announcements that begin within any minute. */
  readonly newPerMinute?: number | undefined
}

export interface Quotas {
  readonly global: Quota
  readonly customer: Quota
  readonly pop: Quota
  /** FlowSpec rules that one enforcer holds at the same time. */
  readonly rulesMax?: number | undefined
}

/** One announcement that somebody wants to make. */
export interface Claim {
  /** Ids of the inventory; `undefined` where it knows none, then only the quota of all counts. */
  readonly customer: string | undefined
  readonly pop: string | undefined
  readonly enforcer: string
  readonly isRule: boolean
}

/**
 * The refusals of each claim, in their order; an empty list: it is granted. What is granted counts against those after it.
 * Without counts nothing that has a limit is granted.
 */
export function reserve(
  quotas: Quotas,
  counts: HeldCounts | undefined,
  claims: readonly Claim[],
): Verdict[][] {
  const granted = new Map<string, number>()
  return claims.map(claim => {
    const shares = sharesOf(quotas, counts, claim)
    const refusals = shares.flatMap(share => refusalsOf(share, granted.get(share.key) ?? 0))
    if (refusals.length === 0) for (const { key } of shares) granted.set(key, (granted.get(key) ?? 0) + 1)
    return refusals
  })
}

/** What a claim counts towards. */
interface Share {
  readonly key: string
  readonly rail: 'quota-global' | 'quota-customer' | 'quota-pop' | 'rule-budget'
  /** `customer acme has`. */
  readonly holder: string
  readonly unit: string
  readonly quota: Quota
  readonly usage: Usage | undefined
}

function sharesOf(quotas: Quotas, counts: HeldCounts | undefined, claim: Claim): Share[] {
  const { customer, pop, enforcer, isRule } = claim
  const unit = 'announcements'
  const shares: Share[] = [
    { key: 'all', rail: 'quota-global', holder: 'there are', unit, quota: quotas.global, usage: counts?.all },
  ]
  if (customer !== undefined) {
    const usage = counts?.ofCustomer(customer)
    const holder = `customer ${customer} has`
    shares.push({ key: `c ${customer}`, rail: 'quota-customer', holder, unit, quota: quotas.customer, usage })
  }
  if (pop !== undefined) {
    const usage = counts?.ofPop(pop)
    shares.push({
      key: `p ${pop}`,
      rail: 'quota-pop',
      holder: `POP ${pop} has`,
      unit,
      quota: quotas.pop,
      usage,
    })
  }
  if (isRule) {
    const usage = counts && { active: counts.rulesOf(enforcer), newWithinMinute: 0 }
    const quota = { activeMax: quotas.rulesMax }
    shares.push({
      key: `r ${enforcer}`,
      rail: 'rule-budget',
      holder: `${enforcer} has`,
      unit: 'rules',
      quota,
      usage,
    })
  }
  return shares
}

function refusalsOf({ rail, holder, unit, quota, usage }: Share, granted: number): Verdict[] {
  const { activeMax, newPerMinute } = quota
  if (activeMax === undefined && newPerMinute === undefined) return []
  if (usage === undefined)
    return [refuse(rail, `how many ${unit} are held cannot be looked up, and there is a limit`)]
  const active = usage.active + granted
  const fresh = usage.newWithinMinute + granted
  return [
    ...(activeMax !== undefined && active >= activeMax
      ? [refuse(rail, `${holder} ${active} ${unit} and ${activeMax} are the most`)]
      : []),
    ...(newPerMinute !== undefined && fresh >= newPerMinute
      ? [
          refuse(
            rail,
            `${holder} ${fresh} ${unit} that began within a minute and ${newPerMinute} are the most`,
          ),
        ]
      : []),
  ]
}

const refuse = (rail: Share['rail'], reason: string): Verdict => ({ rail, allowed: false, reason })
