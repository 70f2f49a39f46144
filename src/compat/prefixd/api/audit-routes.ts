// The audit as prefixd lists it.

import type { AuditEntry } from '#7-mitigation/audit.ts'
import { NIL_UUID, uuidOf } from '../ids.ts'
import type { AuditRow, PrefixdDesk } from './desk.ts'
import { pageAsked, pageTold, queryText } from './reading.ts'
import { type DialectRoute, LIST_QUERY } from './route.ts'

export const auditRoutes = ({ audit }: PrefixdDesk): readonly DialectRoute[] => [
  {
    ...{ method: 'GET', path: '/v1/audit', role: 'operator', reach: 'everything', success: 200 },
    summary: 'Who did what, newest first.',
    query: { ...LIST_QUERY, format: 'array: the bare list of prefixd 0.10.' },
    handle: async request => {
      const { limit, offset, cursor, since, until } = pageAsked(request)
      const isArray = queryText(request, 'format') === 'array'
      const before = cursor !== undefined && /^\d{1,15}$/.test(cursor) ? { before: Number(cursor) } : {}
      const bounds = { ...(since === undefined ? {} : { since }), ...(until === undefined ? {} : { until }) }
      const rows = limit === 0 ? [] : await audit.list({ limit: offset + limit + 1, ...before, ...bounds })
      const shown = rows.slice(offset, offset + limit)
      const entries = shown.map(presentEntry)
      if (isArray) return entries
      const last = shown.at(-1)
      const next = last !== undefined && rows.length > offset + limit ? String(last.sequence) : undefined
      return { entries, ...pageTold(entries, next) }
    },
  },
]

const ACTIONS: Readonly<Partial<Record<AuditEntry['what'], string>>> = {
  ...{ decide: 'ingest', end: 'withdraw', safelist: 'safelist_change', configure: 'update_config' },
  ...{ 'log-in': 'login', 'log-out': 'logout', 'add-user': 'create_operator' },
  ...{ 'change-user': 'update_operator', 'remove-user': 'delete_operator' },
}

function presentEntry({ sequence, entry }: AuditRow) {
  const { at, who, what, target, attackId, outcome, reason, before, after } = entry
  const isProgram = who === 'floodwarden'
  const isDetector = who.startsWith('detector:')
  return {
    audit_id: sequence === 0 ? NIL_UUID : uuidOf(`audit ${sequence}`),
    timestamp: new Date(at).toISOString(),
    schema_version: 1,
    actor_type: isProgram ? 'system' : isDetector ? 'detector' : 'operator',
    ...(isProgram ? {} : { actor_id: who.replace(/^(?:user|token|certificate|detector):/, '') }),
    action: ACTIONS[what] ?? what,
    ...(attackId === '' ? {} : { target_type: 'mitigation', target_id: uuidOf(attackId) }),
    ...(attackId === '' && target !== '' ? { target_type: what, target_id: target } : {}),
    details: {
      ...{ target, outcome, reason },
      ...(before === undefined ? {} : { before }),
      ...(after === undefined ? {} : { after }),
    },
  }
}
