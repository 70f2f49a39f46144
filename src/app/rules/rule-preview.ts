// Preview of a rule for whoever asks over the API: what policy says, what the engine has seen, and what routers make of it.

import type { Action } from '#6-policy/action.ts'
import type { Decision } from '#6-policy/decide.ts'
import type { PreviewTraffic, RulePreview } from '#api/contract/rule-preview.ts'
import { contains, parsePrefix } from '#lib/ip/prefix.ts'
import type { AttackBook } from '../attack-book.ts'
import type { PreviewAsk } from '../preview-rule.ts'
import { ruleForRouters } from './rule-for-routers.ts'
import type { Foreseen } from './rule-room.ts'
import { refused } from './rule-works.ts'

export interface PreviewOptions {
  readonly book: Pick<AttackBook, 'open'>
  /** Asks the engine; rejects when it does not answer. */
  readonly samples: (ask: PreviewAsk) => Promise<PreviewTraffic>
}

/** What would be made. */
export interface Previewed extends PreviewAsk {
  /** The rule with what is done. */
  readonly text: string
}

/** One after another: each has the engine look at all its samples. */
export class RulePreviews {
  readonly #options: PreviewOptions
  #isMaking = false

  constructor(options: PreviewOptions) {
    this.#options = options
  }

  /** Refused while another one is being made. */
  async make(asked: Previewed, foreseen: Foreseen) {
    if (this.#isMaking) return refused('rate-limited', 'another preview is being made')
    this.#isMaking = true
    try {
      return { kind: 'done', value: await this.#of(asked, foreseen) } as const
    } finally {
      this.#isMaking = false
    }
  }

  async #of({ target, flow, text }: Previewed, { refusals, decision }: Foreseen): Promise<RulePreview> {
    const { book, samples } = this.#options
    const traffic = await samples({ target, flow }).catch(() => undefined)
    return {
      rule: actionsOf(decision).flatMap(action => (action.kind === 'filter' ? action.rule : []))[0] ?? flow,
      allowed: refusals.length === 0,
      refusals: [...refusals],
      underAttack: isUnderAttack(book, target),
      ...(traffic === undefined ? {} : { traffic }),
      ...ruleForRouters(text),
    }
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
