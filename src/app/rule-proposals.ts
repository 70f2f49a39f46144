// Which open attacks are distilled, and what was proposed against each: what policy goes by.

import type { OpenAttack } from '#4-detection/attack.ts'
import type { ProposedRules } from '#5-evidence/distill/proposed-rules.ts'
import type { Distilling } from '#6-policy/distilled-rules.ts'

/**
 * Rules come a moment after an attack opens, and that there are none within two rounds of samples. With very many attacks at
 * once policy does not wait for them.
 */
const SOUGHT_MS = 2500
/** After a restart the traffic has to be seen again first. */
const SOUGHT_AGAIN_MS = 10_000

type Known = { readonly soughtUntil: number } | { readonly proposed: ProposedRules }

export class RuleProposals {
  readonly #known = new Map<string, Known>()

  /** Rules are being sought; `isRestored`: for an attack of an earlier run. */
  sought({ id }: Pick<OpenAttack, 'id'>, nowMs: number, isRestored: boolean): void {
    this.#known.set(id, { soughtUntil: nowMs + (isRestored ? SOUGHT_AGAIN_MS : SOUGHT_MS) })
  }

  /** False: the attack is over, or was never distilled. */
  proposed(attackId: string, proposed: ProposedRules): boolean {
    if (!this.#known.has(attackId)) return false
    this.#known.set(attackId, { proposed })
    return true
  }

  forget(attackId: string): void {
    this.#known.delete(attackId)
  }

  /** `undefined`: nobody seeks any. */
  of(attackId: string, nowMs: number): Distilling | undefined {
    const known = this.#known.get(attackId)
    if (known === undefined) return undefined
    if ('proposed' in known) return { kind: 'known', proposed: known.proposed }
    return { kind: nowMs < known.soughtUntil ? 'sought' : 'late' }
  }
}
