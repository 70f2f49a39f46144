// How soon attacks on a customer are answered harder. prefixd has the words (policy_profile) and no effect for them.

export const ESCALATIONS = ['strict', 'normal', 'relaxed'] as const
export type Escalation = (typeof ESCALATIONS)[number]

/** Of the seconds after which a step of a playbook follows so many times pass. */
const PACE: Readonly<Record<Escalation, number>> = { strict: 0.5, normal: 1, relaxed: 2 }

/** How many times the seconds of a step pass for what is attacked; of several customers the one with least patience decides, and nobody's addresses have no say. */
export function paceOf(entries: readonly { readonly escalation?: Escalation }[]): number {
  if (entries.length === 0) return PACE.normal
  return entries.reduce(
    (least, { escalation = 'normal' }) => Math.min(least, PACE[escalation]),
    Number.POSITIVE_INFINITY,
  )
}
