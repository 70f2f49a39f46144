// Preview of a rule for whoever asks over the API: what policy says, and what the engine has seen.

import type { Action } from '#6-policy/action.ts'
import type { Decision } from '#6-policy/decide.ts'
import type { PreviewTraffic, RulePreview } from '#api/contract/rule-preview.ts'
import { contains, parsePrefix } from '#lib/ip/prefix.ts'
import type { AttackBook } from '../attack-book.ts'
import type { PreviewAsk } from '../preview-rule.ts'
import type { Foreseen, RuleWish } from './rule-room.ts'

export interface PreviewOptions {
  readonly book: Pick<AttackBook, 'open'>
  /** Asks the engine; rejects when it does not answer. */
  readonly samples: (ask: PreviewAsk) => Promise<PreviewTraffic>
}

export async function previewOf(
  { book, samples }: PreviewOptions,
  { target, flow }: RuleWish,
  { refusals, decision }: Foreseen,
): Promise<RulePreview> {
  const traffic = await samples({ target, flow }).catch(() => undefined)
  return {
    rule: actionsOf(decision).flatMap(action => (action.kind === 'filter' ? action.rule : []))[0] ?? flow,
    allowed: refusals.length === 0,
    refusals: [...refusals],
    underAttack: isUnderAttack(book, target),
    ...(traffic === undefined ? {} : { traffic }),
  }
}

function actionsOf(decision: Decision): readonly Action[] {
  if (decision.kind === 'act') return decision.actions
  return decision.kind === 'dry-run' ? decision.would : []
}

function isUnderAttack(book: Pick<AttackBook, 'open'>, target: string): boolean {
  const around = parsePrefix(target)
  return book.open.some(({ reported, host }) => {
    const prefix = reported?.order === undefined ? parsePrefix(host) : undefined
    return around !== undefined && prefix !== undefined && contains(around, prefix)
  })
}
