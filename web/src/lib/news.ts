// What is news of what is heard live, and when somebody does not want any.

import type { Attack } from '#api/contract/attack.ts'
import type { LiveMessage } from '#api/contract/live.ts'
import type { MitigationView as Mitigation } from '#api/contract/mitigations.ts'
import type { Preferences } from '#api/contract/preferences.ts'

export type NewsEvent = Preferences['mutedEvents'][number]

export interface News {
  readonly event: NewsEvent
  readonly text: string
  readonly help: string
}

/** Those that can be heard live, with words for people. */
export const NEWS_EVENTS = [
  ['mitigation.created', 'Something is done about an attack, or would be'],
  ['mitigation.escalated', 'An attack went up a step of its playbook'],
  ['mitigation.withdrawn', 'Somebody ended it'],
  ['mitigation.expired', 'It is over'],
  ['guardrail.rejected', 'Rails refused all that was to be done'],
] as const satisfies readonly (readonly [NewsEvent, string])[]

/** Of more attacks the oldest are forgotten: their next step would be told as their first. */
const KNOWN_MAX = 10_000
/** Moments are told in whole milliseconds, and a mitigation may be extended as soon as it is made. */
const EXTENDED_MS = 1000

export class NewsReader {
  /** Steps on which attacks stand against which something is done. */
  readonly #steps = new Map<string, number>()

  /** Undefined: it is none. */
  read(message: LiveMessage): News | undefined {
    switch (message.kind) {
      case 'mitigation-changed':
        return this.#changed(message.mitigation)
      case 'attack-opened':
        return refusalOf(message.attack)
      case 'attack-ended':
        return this.#steps.delete(message.attack.id) ? endOf(message.attack) : undefined
      default:
        return undefined
    }
  }

  #changed({ attackId, target, state, step = 0, does, isDryRun, ...times }: Mitigation): News | undefined {
    if (state !== 'pending' && state !== 'announced') return undefined
    const before = this.#steps.get(attackId)
    if (before !== undefined && before >= step) return undefined
    this.#remember(attackId, step)
    const help = isDryRun ? `Dry run: it would ${does}.` : `${does}.`
    if (before !== undefined)
      return { event: 'mitigation.escalated', text: `${target}: a step up of its playbook`, help }
    // Of what began before anybody listened the first step is no news.
    if (isExtended(times)) return undefined
    const done = isDryRun ? 'something would be done' : 'something is done'
    return { event: 'mitigation.created', text: `${target}: ${done}`, help }
  }

  #remember(attackId: string, step: number): void {
    this.#steps.set(attackId, step)
    const [oldest] = this.#steps.keys()
    if (this.#steps.size > KNOWN_MAX && oldest !== undefined) this.#steps.delete(oldest)
  }
}

function isExtended({
  createdAt,
  expiresAt,
  ttlSeconds,
}: Pick<Mitigation, 'createdAt' | 'expiresAt' | 'ttlSeconds'>): boolean {
  return Date.parse(expiresAt) - Date.parse(createdAt) > ttlSeconds * 1000 + EXTENDED_MS
}

const REFUSED = 'refused to act for '

const refusalOf = ({ host, decision }: Attack): News | undefined =>
  decision.startsWith(REFUSED)
    ? { event: 'guardrail.rejected', text: `${host}: nothing is done`, help: `${decision}.` }
    : undefined

/** What was said about its end is said by somebody. */
function endOf({ host, endedBy, because }: Attack): News {
  if (endedBy === 'finished' && because === undefined)
    return { event: 'mitigation.expired', text: `${host}: it is over`, help: '' }
  return { event: 'mitigation.withdrawn', text: `${host}: taken back`, help: because ?? '' }
}

/** Whether somebody does not want it now; `hour`: by his clock, 0 to 23. */
export function isMuted({ mutedEvents, quietHours }: Preferences, event: NewsEvent, hour: number): boolean {
  if (mutedEvents.includes(event)) return true
  if (quietHours === undefined) return false
  const { from, to } = quietHours
  return from <= to ? hour >= from && hour < to : hour >= from || hour < to
}
