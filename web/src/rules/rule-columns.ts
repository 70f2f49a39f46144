// The table of rules by people: its columns, and what may be done with a rule as it stands.

import type { RuleView } from '#api/contract/rules.ts'
import type { Column, Tone } from '../lib/table-view.ts'

export const isLiveRule = ({ state }: Pick<RuleView, 'state'>): boolean =>
  !['expired', 'withdrawn', 'refused'].includes(state)

export const mayRetry = ({ state }: Pick<RuleView, 'state'>): boolean =>
  state === 'failed' || state === 'refused'

export function ruleTone({ state }: Pick<RuleView, 'state'>): Tone {
  if (state === 'failed' || state === 'refused') return 'danger'
  if (state === 'active') return 'good'
  return state === 'pending' ? 'warn' : 'quiet'
}

/** `moment`: as the reader wants times. */
export const ruleColumns = (moment: (at: string) => string): readonly Column<RuleView>[] => [
  {
    ...{ key: 'state', title: 'State', width: '8rem' },
    text: ({ state, dryRun }) => (dryRun ? `${state}, dry run` : state),
    tone: row => (ruleTone(row) === 'danger' ? 'danger' : undefined),
  },
  { key: 'target', title: 'Target', text: ({ target }) => target, width: '12rem' },
  {
    ...{ key: 'rule', title: 'Rule', width: '30rem' },
    text: ({ kind, rule }) => (kind === 'blackhole' ? `blackhole ${rule}` : rule),
  },
  { key: 'by', title: 'By', text: ({ createdBy }) => createdBy, width: '8rem', isMinor: true },
  { key: 'via', title: 'Came by', text: ({ via }) => via, width: '8rem', isMinor: true },
  {
    ...{ key: 'ends', title: 'Ends', width: '12rem' },
    text: ({ endedAt, endsAt, renews }) =>
      endedAt === undefined && renews ? 'when somebody withdraws it' : moment(endedAt ?? endsAt),
    order: ({ endedAt, endsAt }) => endedAt ?? endsAt,
    csv: ({ endedAt, endsAt }) => endedAt ?? endsAt,
  },
  { key: 'reason', title: 'Why', text: ({ reason }) => reason, width: '16rem', isMinor: true },
  { key: 'problem', title: 'Problem', text: ({ problem = '' }) => problem, width: '16rem', isMinor: true },
]
