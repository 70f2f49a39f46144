// What an earlier run left, when it can only be read after the start.

import type { OpenAttack } from '#4-detection/attack.ts'
import { isReported } from '#4-detection/reported-attack.ts'
import type { EngineLink } from '../engine-worker/engine-link.ts'

/**
 * The engine has open attacks first: what it opened until then it tells before it answers, and then it opens none beside them.
 * Taken up in another order, an attack could be held that nobody ever ends. `then` hears the ids of those whose hosts have
 * newer ones.
 */
export async function restoreLate(
  engine: Pick<EngineLink, 'ask'>,
  attacks: readonly OpenAttack[],
  then: (superseded: readonly string[]) => void,
): Promise<void> {
  const ofEngine = attacks.filter(attack => !isReported(attack))
  if (ofEngine.length === 0) then([])
  else await engine.ask('restore', { attacks: ofEngine }, then)
}
