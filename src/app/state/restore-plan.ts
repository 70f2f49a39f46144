// What becomes of the attacks that an earlier run left: which bans are over, which go on, and what is held for each.

import { NO_SPEEDS } from '#3-traffic/metric.ts'
import {
  type Attack,
  type EndedAttack,
  type EndReason,
  factsOf,
  type OpenAttack,
} from '#4-detection/attack.ts'
import type { KeptAttack } from '#4-detection/attack-store.ts'
import { isReported } from '#4-detection/reported-attack.ts'
import type { Mitigation } from '#7-mitigation/mitigation.ts'
import { parsePrefix } from '#lib/ip/prefix.ts'
import type { Kept } from '#store/change.ts'

export interface Restored<Kind extends Attack> {
  readonly attack: Kind
  readonly ageSeconds: number
  /** What the earlier run held for it, earliest expiry first. */
  readonly mitigations: readonly Mitigation[]
}

export interface RestorePlan {
  /** Bans that ended while nobody looked, or that had ended and were not all taken back: to be taken back first. */
  readonly over: readonly (Restored<EndedAttack> & { readonly isNews: boolean })[]
  readonly open: readonly Restored<OpenAttack>[]
}

/** Clocks that differ by less are the same: what is measured by two of them is never exactly equal. */
const CLOCK_MS = 1000

/**
 * `isStillOurs` tells whether the configuration of now still lets anything be done for an attack. Times of bans that go on
 * are put onto the wall clock of now, so that a clock that was set does not make a ban longer or shorter.
 */
export function planRestore(
  kept: Pick<Kept, 'attacks' | 'mitigations'>,
  wallMs: number,
  isStillOurs: (attack: Attack) => boolean,
): RestorePlan {
  const held = Map.groupBy(kept.mitigations, ({ attackId }) => attackId)
  const over: RestorePlan['over'][number][] = []
  const open: Restored<OpenAttack>[] = []
  for (const { attack, ageSeconds } of kept.attacks) {
    const mitigations = held.get(attack.id) ?? []
    held.delete(attack.id)
    const facts = { ageSeconds: ageSeconds ?? attack.banSeconds, mitigations }
    if (attack.state === 'ended') {
      over.push({ ...facts, attack, isNews: false })
      continue
    }
    const reason = whyOver({ attack, ageSeconds }, isStillOurs)
    if (reason === undefined) open.push({ ...facts, attack: onClock(attack, ageSeconds, wallMs) })
    else over.push({ ...facts, attack: endOf(attack, reason, wallMs), isNews: true })
  }
  for (const [attackId, mitigations] of held) {
    const attack = strangerOf(attackId, mitigations, wallMs)
    over.push({ attack, ageSeconds: 0, mitigations, isNews: false })
  }
  return { over, open }
}

function whyOver(
  { attack, ageSeconds }: KeptAttack,
  isStillOurs: (attack: Attack) => boolean,
): EndReason | undefined {
  if (!isStillOurs(attack)) return 'configuration'
  if (attack.banSeconds === 0) return undefined
  return ageSeconds === undefined || ageSeconds >= attack.banSeconds ? 'finished' : undefined
}

function onClock(attack: OpenAttack, ageSeconds: number | undefined, wallMs: number): OpenAttack {
  const byAge = ageSeconds === undefined ? Math.min(attack.openedAt, wallMs) : wallMs - ageSeconds * 1000
  const shiftMs = Math.abs(byAge - attack.openedAt) < CLOCK_MS ? 0 : byAge - attack.openedAt
  // Over a limit when it was last seen: until traffic says otherwise it still is. A report is as old as it is.
  const isOver = attack.isOver && !isReported(attack)
  const lastOverAt = isOver ? wallMs : Math.min(attack.lastOverAt + shiftMs, wallMs)
  return { ...attack, openedAt: attack.openedAt + shiftMs, lastOverAt }
}

/** Why attacks end when the daemon stops and is to take everything back (`mitigation.onStop`). */
export const STOPPED = 'the daemon stopped'

/** The attack as it is when it ends at this moment. */
export function endOf(attack: Attack, endedBy: EndReason, wallMs: number, because?: string): EndedAttack {
  if (attack.state === 'ended') return attack
  const why = because === undefined ? {} : { because }
  return { ...factsOf(attack), state: 'ended', endedAt: wallMs, endedBy, ...why }
}

/** The attack of a mitigation whose own record is lost: enough of it to take back what is held. */
export function strangerOf(id: string, mitigations: readonly Mitigation[], wallMs: number): EndedAttack {
  const host = mitigations[0]?.target ?? ''
  const silent = { incoming: NO_SPEEDS, outgoing: NO_SPEEDS }
  const { family, length } = parsePrefix(host) ?? { family: 4, length: 32 }
  const prefix = host.includes('/') ? host : `${host}/${length}`
  return {
    ...{ id, scope: 'host', host, prefixes: [prefix], family },
    ...{ origin: 'manual', hostgroup: 'global', crossing: undefined, finding: undefined, direction: 'other' },
    ...{ type: 'unknown', protocol: 'unknown', power: 0, peak: 0, speeds: silent, averages: silent },
    ...{ openedAt: mitigations[0]?.createdAt ?? wallMs, banSeconds: 0 },
    ...{ state: 'ended', endedAt: wallMs, endedBy: 'finished' },
  }
}
