// The table of mitigations: its columns, and the words for what came of acting on many.

import type { ManyOutcome, MitigationView } from '#api/contract/mitigations.ts'
import type { Column, Tone } from '../lib/table-view.ts'

export function stateTone({ state, isDryRun }: Pick<MitigationView, 'state' | 'isDryRun'>): Tone {
  if (state === 'failed' || state === 'refused') return 'danger'
  if (isDryRun || state === 'withdrawn' || state === 'expired') return 'quiet'
  return state === 'announced' ? 'good' : 'warn'
}

export const isLive = ({ state }: Pick<MitigationView, 'state'>): boolean =>
  state !== 'withdrawn' && state !== 'expired' && state !== 'refused'

export const stateText = ({ state, isDryRun }: Pick<MitigationView, 'state' | 'isDryRun'>): string =>
  isDryRun && state !== 'withdrawn' && state !== 'expired' ? `dry run, ${state}` : state

/** `moment`: as the reader wants times. */
export const mitigationColumns = (moment: (at: string) => string): readonly Column<MitigationView>[] => [
  { key: 'target', title: 'Target', text: ({ target }) => target, width: '12rem' },
  { key: 'does', title: 'What is done', text: ({ does }) => does, width: '24rem' },
  {
    ...{ key: 'state', title: 'State', width: '10rem' },
    ...{ text: stateText, tone: row => (stateTone(row) === 'danger' ? 'danger' : undefined) },
  },
  { key: 'enforcer', title: 'By', text: ({ enforcer }) => enforcer, width: '7rem', isMinor: true },
  {
    ...{ key: 'customer', title: 'Customer', width: '8rem', isMinor: true },
    text: ({ customer = '' }) => customer,
  },
  {
    ...{ key: 'created', title: 'Since', width: '12rem', isMinor: true },
    ...{ text: ({ createdAt }) => moment(createdAt), order: ({ createdAt }) => createdAt },
    csv: ({ createdAt }) => createdAt,
  },
  {
    ...{ key: 'ends', title: 'Ends', width: '12rem' },
    text: row =>
      row.isStanding && isLive(row) ? 'when somebody ends it' : moment(row.endedAt ?? row.expiresAt),
    order: row => (row.isStanding && isLive(row) ? '9999' : (row.endedAt ?? row.expiresAt)),
    csv: row => row.endedAt ?? row.expiresAt,
  },
  { key: 'reason', title: 'Why', text: ({ reason }) => reason, width: '22rem', isMinor: true },
]

/** Of one host: which attack they are about instead of whom. */
export const hostMitigationColumns = (moment: (at: string) => string): readonly Column<MitigationView>[] => [
  ...mitigationColumns(moment).filter(({ key }) => key !== 'target' && key !== 'customer'),
  {
    ...{ key: 'attack', title: 'Attack', width: '9rem', isMinor: true },
    text: ({ attackId }) => attackId,
    href: ({ attackId }) => `/attacks/${encodeURIComponent(attackId)}`,
  },
]

/** In one sentence: `2 withdrawn, 1 was over already, 1 failed: its attack is counted here`. */
export function outcomeWords({ results }: ManyOutcome): { readonly text: string; readonly isWhole: boolean } {
  const counts = new Map<string, number>()
  for (const { outcome } of results) counts.set(outcome, (counts.get(outcome) ?? 0) + 1)
  const problem = results.find(each => each.problem !== undefined)?.problem
  const parts = [...counts].map(([outcome, count]) => `${count} ${OUTCOMES[outcome] ?? outcome}`)
  return {
    text: parts.join(', ') + (problem === undefined ? '' : `: ${problem}`),
    isWhole: !counts.has('failed') && !counts.has('unknown'),
  }
}

const OUTCOMES: Readonly<Record<string, string>> = {
  over: 'over already',
  known: 'noted before',
  unknown: 'not known any more',
}
