// The audit as the API tells it.

import { z } from 'zod'
import type { AuditEntry } from '#7-mitigation/audit.ts'
import type { Audit, AuditVerdict } from '#api/contract/audit.ts'
import { type AuditFilter, fitsWords } from '#store/audit-filter.ts'
import type { AuditVerdict as Verdict } from '#store/verify-audit.ts'

type Presented = Audit['entries'][number]

const json = z.json().optional().catch(undefined)

export function presentEntry(
  { at, mitigationId, before, after, ...entry }: AuditEntry,
  place: Pick<Presented, 'sequence' | 'hash'> = {},
): Presented {
  const [was, is] = [json.parse(before), json.parse(after)]
  return {
    ...entry,
    at: new Date(at).toISOString(),
    ...(mitigationId === undefined ? {} : { mitigationId }),
    ...(was === undefined ? {} : { before: was }),
    ...(is === undefined ? {} : { after: is }),
    ...place,
  }
}

/** What the state looks for by its columns, for entries in memory; they have no place in the chain. */
export function fitsFilter(entry: AuditEntry, filter: AuditFilter): boolean {
  const { who, what, target, outcome, since, until } = filter
  return (
    (who === undefined || entry.who === who) &&
    (what === undefined || entry.what === what) &&
    (target === undefined || entry.target === target) &&
    (outcome === undefined || entry.outcome === outcome) &&
    (since === undefined || entry.at >= since) &&
    (until === undefined || entry.at < until) &&
    fitsWords(entry, filter)
  )
}

export function auditVerdict(verdict: Verdict): AuditVerdict {
  if (verdict.kind === 'broken')
    return { verdict: 'broken', sequence: verdict.sequence, problem: verdict.problem }
  const { entries, hasHeadFile } = verdict
  const placeOf = (row: { readonly sequence: number; readonly at: number } | undefined) =>
    row && { sequence: row.sequence, at: new Date(row.at).toISOString() }
  const [first, last, checkpoint] = [verdict.first, verdict.last, verdict.checkpoint].map(placeOf)
  return { verdict: 'intact', entries, first, last, checkpoint, hasHeadFile }
}
