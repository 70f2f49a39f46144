// What a decision wants, in words that are the same exactly when it wants the same at the same place of a ladder.

import { type Action, actionText } from './action.ts'
import type { Decision } from './decide.ts'
import type { Ladder } from './ladder.ts'

/** What is to be held by a decision; nothing when it refuses or only watches. */
export function actionsOf(decision: Decision): readonly Action[] {
  switch (decision.kind) {
    case 'act':
      return decision.actions
    case 'dry-run':
      return decision.would
    case 'refused':
    case 'nothing':
      return []
  }
}

export const wantedText = (decision: Decision): string => placeText(decision.ladder, actionsOf(decision))

/** The same of what is held; the order of the actions says nothing. */
export const placeText = (
  ladder: Pick<Ladder, 'playbook' | 'step'> | undefined,
  actions: readonly Action[],
): string => [`${ladder?.playbook} ${ladder?.step}`, ...actions.map(actionText).toSorted()].join('\n')
