// What arming or disarming would change for one attack, in words.

import type { Attack } from '#4-detection/attack.ts'
import { actionText } from '#6-policy/action.ts'
import type { Decision } from '#6-policy/decide.ts'
import { isActive, type Mitigation } from '#7-mitigation/mitigation.ts'
import type { ArmingChange } from '#api/contract/arming.ts'

/** `decision`: what policy says when it is armed. Nothing when nothing would be done and nothing is kept back. */
export function ifArmed({ host, id }: Attack, decision: Decision): ArmingChange[] {
  if (decision.kind === 'nothing' || decision.kind === 'dry-run') return []
  if (decision.kind === 'refused') {
    const refused = decision.refusals.map(({ reason, rail }) => `${reason} (rail ${rail})`)
    return [{ host, attackId: id, announce: [], withdraw: [], refused }]
  }
  const refused = (decision.withheld ?? []).map(
    ({ action, refusals }) => `${actionText(action)}: ${refusals.map(({ reason }) => reason).join('; ')}`,
  )
  return [{ host, attackId: id, announce: decision.actions.map(actionText), withdraw: [], refused }]
}

/** `mitigations`: those of the attack. Nothing when nothing is held. */
export function ifDisarmed({ host, id }: Attack, mitigations: readonly Mitigation[]): ArmingChange[] {
  const withdraw = mitigations.filter(isActive).map(({ action }) => actionText(action))
  return withdraw.length === 0 ? [] : [{ host, attackId: id, announce: [], withdraw, refused: [] }]
}
