// What happened to an attack, in words: moments of its time line.

import type { EndedAttack } from '#4-detection/attack.ts'
import { actionText } from '#6-policy/action.ts'
import type { AuditEntry } from '#7-mitigation/audit.ts'
import { isDryRun, type Mitigation } from '#7-mitigation/mitigation.ts'
import type { CourseMoment } from '#api/contract/course.ts'

export interface Happened {
  /** Wall clock, ms since 1970 UTC. */
  readonly at: number
  readonly kind: CourseMoment['kind']
  readonly text: string
  readonly by?: string
  readonly mitigationId?: string
}

/** Moments of one attack; of more the middle is left out, so that how it began and how it ended stay. */
const MOMENTS_MAX = 200
const FIRST_KEPT = 100

/** Their texts are joined, not put together as templates, which would be kept as trees of their parts. */
export class Moments {
  readonly all: Happened[] = []
  leftOut = 0

  add(happened: Happened): void {
    this.all.push(happened)
    if (this.all.length <= MOMENTS_MAX) return
    this.all.splice(FIRST_KEPT, 1)
    this.leftOut++
  }
}

/** How a mitigation stands now, at the time when it came to stand so as far as it says. */
export function mitigationMoment(mitigation: Mitigation, now: number): Happened {
  const { state, action, id } = mitigation
  const dry = isDryRun(mitigation) ? ' (dry run: nothing is done)' : ''
  const why = 'error' in mitigation ? `: ${mitigation.error}` : ''
  return {
    ...{ at: timeOf(mitigation) ?? now, kind: 'mitigation', mitigationId: id },
    text: [STATE_WORDS[state], ': ', actionText(action), dry, why].join(''),
  }
}

const STATE_WORDS: Readonly<Record<Mitigation['state'], string>> = {
  pending: 'asked for',
  announced: 'in force',
  escalated: 'held while another step takes its place',
  failed: 'failed',
  ending: 'held down, its attack is over',
  withdrawing: 'being taken back',
  withdrawn: 'taken back',
  expired: 'taken back, its time was over',
  refused: 'refused',
}

function timeOf(mitigation: Mitigation): number | undefined {
  switch (mitigation.state) {
    case 'pending':
      return mitigation.createdAt
    case 'announced':
    case 'escalated':
      return mitigation.state === 'announced' ? mitigation.announcedAt : undefined
    case 'failed':
      return mitigation.failedAt
    case 'withdrawn':
    case 'expired':
    case 'refused':
      return mitigation.endedAt
    default:
      return undefined
  }
}

/** What is known of a mitigation from what it says itself: when it was made, when it was in force and when it ended. */
export function momentsOf(mitigation: Mitigation): Happened[] {
  const made = mitigationMoment({ ...mitigation, state: 'pending' } as Mitigation, mitigation.createdAt)
  const now = mitigationMoment(mitigation, Number.NaN)
  return mitigation.state === 'pending' || Number.isNaN(now.at) ? [made] : [made, now]
}

const END_WORDS: Readonly<Record<EndedAttack['endedBy'], string>> = {
  finished: 'its time was over, and its traffic below the limits',
  operator: 'somebody ended it',
  configuration: 'the configuration has no place for it any more',
}

export function endMoment({ endedAt, endedBy, because }: EndedAttack): Happened {
  const said = because === undefined ? '' : `: ${because}`
  return { at: endedAt, kind: 'ended', text: `ended: ${END_WORDS[endedBy]}${said}` }
}

/** What a person did about an attack; `undefined`: it was the program, or about something else. */
export function orderMoment({ at, who, what, outcome, reason, attackId }: AuditEntry): Happened | undefined {
  if (who === 'floodwarden' || attackId === '') return undefined
  const result = outcome === 'done' ? '' : ` (${outcome})`
  return { at, kind: 'ordered', by: who, text: [what, result, ': ', reason].join('') }
}
