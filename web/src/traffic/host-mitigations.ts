// Mitigations of one host as rows.

import type { Mitigations } from '#api/contract/mitigations.ts'
import type { Column } from '../lib/table-view.ts'

type Mitigation = Mitigations['mitigations'][number]

export const hostMitigations: readonly Column<Mitigation>[] = [
  {
    ...{ key: 'state', title: 'State', width: '8rem' },
    text: ({ state, isDryRun }) => (isDryRun ? `${state} (dry run)` : state),
    tone: ({ state }) => (state === 'failed' ? 'danger' : undefined),
  },
  { key: 'does', title: 'Does', text: ({ does }) => does },
  { key: 'enforcer', title: 'By', width: '8rem', isMinor: true, text: ({ enforcer }) => enforcer },
  {
    ...{ key: 'since', title: 'Since', isMinor: true, width: '13rem' },
    text: ({ createdAt }) => createdAt.slice(0, 19).replace('T', ' '),
    order: ({ createdAt }) => Date.parse(createdAt),
    csv: ({ createdAt }) => createdAt,
  },
  {
    ...{ key: 'attack', title: 'Attack', width: '9rem', isMinor: true },
    text: ({ attackId }) => attackId,
    href: ({ attackId }) => `/attacks/${encodeURIComponent(attackId)}`,
  },
]
