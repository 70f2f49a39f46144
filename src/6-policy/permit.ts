// Which of the actions that are wanted may be taken: each by itself, then all together under the blast radius and the quotas.

import type { Action } from './action.ts'
import { refusalsOf, touchedBy } from './action-rails.ts'
import { BlastRadius } from './bounds.ts'
import type { Rails, Verdict } from './guardrail.ts'
import type { Inventory } from './inventory.ts'
import type { Planned } from './planned-step.ts'
import { type Claim, reserve } from './quota.ts'

/** An action that a rail kept back while others of the same decision go ahead. */
export interface Withheld {
  readonly action: Action
  readonly refusals: readonly Verdict[]
}

/** Whose traffic an action touches: ids of the inventory, for quotas. */
export interface Owner {
  readonly customer: string | undefined
  readonly pop: string | undefined
}

export interface PermitContext {
  readonly rails: Rails
  readonly inventory: Inventory | undefined
  /** Held for the attack already: these need no room again, and what takes the place of one needs none either. */
  readonly held: readonly Action[]
  /** Most addresses that all of it may touch; `undefined`: any number. */
  readonly addressesMax: number | undefined
}

/** Each of the wanted with its owner and what refuses it; empty refusals: it may be taken. */
export interface Judged {
  readonly planned: Planned
  readonly owner: Owner
  readonly refusals: readonly Verdict[]
}

/** One step: whoever acts on the whole answer before asking again stays within every limit. */
export function permit(wanted: readonly Planned[], context: PermitContext): Judged[] {
  const { rails, inventory } = context
  const blast = new BlastRadius(context.addressesMax)
  const judged = wanted.map((planned): Judged => {
    const prefix = touchedBy(planned, rails.networks)
    const entry = prefix && inventory?.find(prefix)
    const owner = { customer: entry?.customer.id, pop: entry?.pop?.id }
    const refusals = refusalsOf(planned, rails)
    if (refusals.length > 0 || prefix === undefined) return { planned, owner, refusals }
    const touch = blast.add(prefix)
    return { planned, owner, refusals: touch.allowed ? [] : [touch] }
  })
  return withinQuotas(judged, context)
}

function withinQuotas(judged: readonly Judged[], { rails, held }: PermitContext): Judged[] {
  if (rails.quotas === undefined) return [...judged]
  const heldKeys = new Set(held.map(keyOf))
  const wantedKeys = new Set(judged.filter(isGranted).map(({ planned }) => keyOf(planned.action)))
  let places = held.filter(action => action.kind !== 'script' && !wantedKeys.has(keyOf(action))).length
  const fresh = judged.filter(one => {
    const { action } = one.planned
    if (!isGranted(one) || action.kind === 'script' || heldKeys.has(keyOf(action))) return false
    return places-- <= 0
  })
  const refused = reserve(rails.quotas, rails.counts, fresh.map(claimOf))
  return judged.map(one => {
    const at = fresh.indexOf(one)
    return at < 0 ? one : { ...one, refusals: refused[at] ?? [] }
  })
}

const isGranted = ({ refusals }: Judged): boolean => refusals.length === 0

function claimOf({ planned: { action }, owner }: Judged): Claim {
  const enforcer = action.kind === 'script' ? action.kind : action.enforcer
  return { ...owner, enforcer, isRule: action.kind === 'filter' }
}

/** Equal for the same action by the same enforcer, however its object was made. */
export function keyOf(action: Action): string {
  switch (action.kind) {
    case 'script':
      return `script ${action.path}`
    case 'filter':
      return `filter ${action.enforcer} ${action.rule}`
    case 'countermeasure': {
      const { enforcer, profile, countermeasure, prefix, rules = [] } = action
      return ['countermeasure', enforcer, profile, countermeasure, prefix, ...rules].join(' ')
    }
    default:
      return [action.kind, action.enforcer, action.prefix, action.nextHop, ...action.communities].join(' ')
  }
}
