// Another end for what is done about an attack: for a rule by a person through its record, for the rest through its attack.

import type { Actor } from '#7-mitigation/audit.ts'
import { isHeld, type Mitigation } from '#7-mitigation/mitigation.ts'
import type { Done } from '#api/control.ts'
import type { IntakeRoom } from '../intake/intake-room.ts'
import type { RuleRoom } from '../rules/rule-room.ts'

export interface ExtensionOptions {
  readonly rules: Pick<RuleRoom, 'live' | 'extend' | 'longestSeconds'>
  readonly events: Pick<IntakeRoom['events'], 'prolong'>
}

export interface Extension {
  readonly ttlSeconds: number
  readonly reason: string | undefined
}

/** Has a mitigation end so long from now; the detail says why it cannot. */
export async function extendMitigation(
  { rules, events }: ExtensionOptions,
  mitigation: Mitigation,
  { ttlSeconds, reason }: Extension,
  who: Actor,
): Promise<Done<'extended' | 'over', 'lasts-too-long' | 'not-ready'>> {
  if (!isHeld(mitigation) || mitigation.state === 'ending') return { kind: 'done', value: 'over' }
  const { attackId } = mitigation
  const rule = rules.live.find(each => each.attackId === attackId)
  if (rule !== undefined) {
    const done = await rules.extend(rule.id, { ttlSeconds }, reason, who)
    if (done.kind === 'done') return { kind: 'done', value: 'extended' }
    return { kind: 'refused', code: 'lasts-too-long', detail: done.detail }
  }
  if (ttlSeconds > rules.longestSeconds)
    return {
      ...{ kind: 'refused', code: 'lasts-too-long' },
      detail: `nothing lasts longer than ${rules.longestSeconds} seconds from now (policy.bounds.ttlSeconds)`,
    }
  if (events.prolong(attackId, ttlSeconds, who, reason ?? 'asked for'))
    return { kind: 'done', value: 'extended' }
  return {
    ...{ kind: 'refused', code: 'not-ready' },
    detail: 'its attack is counted here: it is renewed by itself as long as that is seen, and ends after it',
  }
}
