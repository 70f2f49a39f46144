// prefixd's mitigation object: all keys always there, null where nothing is known.

import type { AttackRecord } from '#7-mitigation/attack-record.ts'
import { isDryRun, type Mitigation } from '#7-mitigation/mitigation.ts'
import { type AttackIds, uuidOf } from '../ids.ts'
import { scopeHash } from '../scope-hash.ts'
import { ruleFactsOf, statusOf, vectorOf } from './record-facts.ts'

/** `2030-01-02T03:04:05.123+00:00`. */
export const momentText = (ms: number): string => new Date(ms).toISOString().replace('Z', '+00:00')

export interface MitigationWords {
  readonly ids: AttackIds
  /** Of records without a POP. */
  readonly pop: string
  /** Name of a service by the host. */
  readonly serviceOf: (host: string) => string | undefined
}

export function presentMitigation(record: AttackRecord, { ids, pop, serviceOf }: MitigationWords) {
  const { attack, mitigations, acknowledged } = record
  const { action, rate, prefix, protocol, ports } = ruleFactsOf(record)
  const triggering = attack.reported?.firstEventId ?? uuidOf(`event of ${attack.id}`)
  const status = statusOf(record)
  const refused = mitigations.find(({ state }) => state === 'refused' || state === 'failed')
  return {
    mitigation_id: ids.tell(attack.id),
    status,
    customer_id: record.customer ?? null,
    service_id: record.service ?? null,
    pop: record.pop ?? pop,
    victim_ip: attack.host.split('/')[0] ?? attack.host,
    vector: vectorOf(record),
    action_type: action,
    rate_bps: rate ?? null,
    dst_prefix: prefix,
    protocol: protocol ?? null,
    dst_ports: ports,
    created_at: momentText(attack.openedAt),
    updated_at: momentText(updatedAt(record)),
    expires_at: momentText(expiresAt(record)),
    withdrawn_at: attack.state === 'ended' ? momentText(attack.endedAt) : null,
    triggering_event_id: triggering,
    last_event_id: attack.reported?.lastEventId ?? triggering,
    scope_hash: scopeHash({ prefix, protocol, ports }),
    reason: reasonOf(record, serviceOf(attack.host)),
    rejection_reason: refused !== undefined && 'error' in refused ? refused.error : null,
    acknowledged_at: acknowledged === undefined ? null : momentText(acknowledged.at),
    acknowledged_by: acknowledged?.by ?? null,
    correlation: correlationOf(record),
    direction: attack.direction,
    dry_run: mitigations.some(isDryRun),
    playbook: mitigations.at(-1)?.playbook || null,
  }
}

export type PresentedMitigation = ReturnType<typeof presentMitigation>

/** Which detectors agreed, as of the newest report; null: none had to. */
function correlationOf({ attack }: AttackRecord) {
  const { agreed } = attack.reported ?? {}
  if (agreed === undefined) return null
  return {
    signal_group_id: agreed.groupId,
    derived_confidence: agreed.confidence,
    source_count: agreed.sources.length,
    corroboration_met: true,
    contributing_sources: [...agreed.sources],
    explanation: agreed.explanation,
  }
}

/** Why it was made; once somebody ended it, his words. */
function reasonOf(record: AttackRecord, service: string | undefined): string {
  const { attack, mitigations } = record
  if (attack.state === 'ended' && attack.because !== undefined) return attack.because
  const { order } = attack.reported ?? {}
  if (order !== undefined) return order.reason
  const playbook = mitigations.at(-1)?.playbook
  const by = playbook === undefined || playbook === '' ? '' : ` (playbook: ${playbook})`
  return `${vectorOf(record)} to ${service ?? 'unknown service'}${by}`
}

function updatedAt({ attack, mitigations, acknowledged }: AttackRecord): number {
  const moments = mitigations.flatMap(each => [each.createdAt, ...turnOf(each)])
  const last = attack.state === 'ended' ? attack.endedAt : attack.lastOverAt
  return Math.max(attack.openedAt, last, acknowledged?.at ?? 0, ...moments)
}

function turnOf(mitigation: Mitigation): number[] {
  if ('endedAt' in mitigation) return [mitigation.endedAt]
  if ('failedAt' in mitigation) return [mitigation.failedAt]
  return 'announcedAt' in mitigation && mitigation.announcedAt !== undefined ? [mitigation.announcedAt] : []
}

function expiresAt({ attack, mitigations }: AttackRecord): number {
  if (mitigations.length > 0) return Math.max(...mitigations.map(each => each.expiresAt))
  return attack.openedAt + attack.banSeconds * 1000
}
