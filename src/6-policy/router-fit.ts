// A rule as the routers that are to enforce it can have it. What is left out only lets more pass; it is said, or refused.

import { canonical } from '#lib/flowspec/canonical.ts'
import { fit } from '#lib/flowspec/router-profile/fit.ts'
import { ROUTER_PROFILES, type RouterName, type RouterProfile } from '#lib/flowspec/router-profile/profile.ts'
import type { Rule } from '#lib/flowspec/rule.ts'

/** Those that enforce rules; the others only carry them. */
export const ENFORCING_ROUTERS = [
  'junos',
  'ios-xr',
  'ios-xe',
  'eos',
  'sr-os',
  'slx',
] as const satisfies readonly RouterName[]
export type EnforcingRouter = (typeof ENFORCING_ROUTERS)[number]

export const profileOf = (router: EnforcingRouter): RouterProfile => ROUTER_PROFILES[router]

export type RouterFit =
  | { readonly kind: 'rule'; readonly rule: Rule; readonly note: string | undefined }
  | { readonly kind: 'refused'; readonly reason: string }

/** The match never becomes wider. `router` undefined: nothing is known, so the rule stays as it is. */
export function fitToRouter(rule: Rule, router: EnforcingRouter | undefined): RouterFit {
  if (router === undefined) return { kind: 'rule', rule, note: undefined }
  const fitted = fit(rule, profileOf(router), { allowWider: false })
  switch (fitted.kind) {
    case 'as-is':
      return { kind: 'rule', rule, note: undefined }
    case 'degraded':
      return { kind: 'rule', rule: canonical(fitted.rule), note: fitted.reasons.join('; ') }
    case 'refused':
      return { kind: 'refused', reason: fitted.reasons.join('; ') }
  }
}
