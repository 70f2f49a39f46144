// Attacks in the words of the console: what kind, on what, how long, what is done.

import type { Attack, Crossing } from '#api/contract/attack.ts'
import { targetText } from '#api/contract/target-text.ts'
import { bitsText, flowsText, packetsText, shareText } from '../lib/rate-text.ts'
import type { Column } from '../lib/table-view.ts'
import { lengthText } from '../lib/time-text.ts'

/** `dns-amplification 92 %, udp-flood 8 %`; what was reported instead where nothing was seen. */
export function kindText({ finding, reported, origin }: Attack): string {
  if (finding !== undefined)
    return finding.parts.map(({ vector, share }) => `${vector} ${shareText(share)}`).join(', ')
  if (reported !== undefined) return reported.vector
  return origin === 'manual' ? 'banned by hand' : 'not named yet'
}

/** Seconds it has lasted by `now`, ms since 1970, or lasted until it ended. */
export function secondsOf({ openedAt, endedAt }: Attack, now: number): number {
  const until = endedAt === undefined ? now : Date.parse(endedAt)
  return Math.max(0, (until - Date.parse(openedAt)) / 1000)
}

const ACTIVE = ['pending', 'announced', 'escalated', 'failed', 'ending', 'withdrawing']

/** What is or was done about it in a few words. */
export function doneText({ mitigations }: Attack): string {
  if (mitigations.length === 0) return 'nothing'
  const active = mitigations.filter(({ state }) => ACTIVE.includes(state))
  const failed = active.filter(({ state }) => state === 'failed').length
  const dry = mitigations.every(({ isDryRun }) => isDryRun) ? ' in a dry run' : ''
  if (active.length === 0) return `${mitigations.length} over${dry}`
  return `${active.length} active${failed > 0 ? `, ${failed} failed` : ''}${dry}`
}

const ORIGINS: Readonly<Record<Attack['origin'], string>> = {
  detected: 'found here',
  manual: 'ordered',
  event: 'reported',
}

/** A crossing's speed in the unit of its limit. */
export const limitText = (limit: string, value: number): string =>
  limit.endsWith('bits') ? bitsText(value) : limit === 'flows' ? flowsText(value) : packetsText(value)

/** How far over its limit it was, as `3.2 times`. */
export const factorText = ({ value, threshold }: Crossing): string =>
  threshold === 0 ? 'over it' : `${Number((value / threshold).toPrecision(2))} times`

/** Columns of the list; `now` is asked each time, for those that are open. `moment`: as the reader wants times. */
export const attackColumns = (
  now: () => number,
  moment: (at: string) => string,
): readonly Column<Attack>[] => [
  {
    ...{ key: 'target', title: 'Target', width: '13rem' },
    text: attack => targetText(attack),
    href: ({ id }) => `/attacks/${encodeURIComponent(id)}`,
  },
  {
    ...{ key: 'state', title: 'State', width: '5.5rem' },
    text: ({ state }) => state,
    tone: ({ state }) => (state === 'open' ? 'danger' : 'quiet'),
  },
  { key: 'kind', title: 'Kind', width: '15rem', text: kindText },
  {
    ...{ key: 'opened', title: 'Opened', isMinor: true, width: '13rem' },
    text: ({ openedAt }) => moment(openedAt),
    order: ({ openedAt }) => Date.parse(openedAt),
    csv: ({ openedAt }) => openedAt,
  },
  {
    ...{ key: 'lasted', title: 'Lasted', isNumber: true, isMinor: true, width: '8rem' },
    text: attack => lengthText(Math.round(secondsOf(attack, now()))),
    order: attack => secondsOf(attack, now()),
    csv: attack => Math.round(secondsOf(attack, now())),
  },
  {
    ...{ key: 'peak', title: 'Peak', isNumber: true, isMinor: true, width: '10rem' },
    text: ({ peak }) => packetsText(peak),
    order: ({ peak }) => peak,
    csv: ({ peak }) => peak,
  },
  {
    ...{ key: 'direction', title: 'Direction', isMinor: true, width: '7rem' },
    text: ({ direction }) => direction,
  },
  {
    ...{ key: 'hostgroup', title: 'Hostgroup', isMinor: true, width: '8rem' },
    text: ({ hostgroup }) => hostgroup,
  },
  {
    ...{ key: 'customer', title: 'Customer', isMinor: true, width: '8rem' },
    text: ({ customer }) => customer ?? '',
  },
  {
    ...{ key: 'origin', title: 'By', isMinor: true, width: '7rem' },
    text: ({ origin, reported }) => reported?.source ?? ORIGINS[origin],
  },
  { key: 'done', title: 'Done', isMinor: true, width: '9rem', text: doneText },
]
