// An attack as notices speak of it.

import type { Attack, Direction } from '#4-detection/attack.ts'
import { whyOpened } from '#5-evidence/report.ts'
import type { InventoryEntry } from '#6-policy/inventory.ts'
import { type Severity, severityOf } from '#6-policy/severity.ts'
import { aroundAll } from './around.ts'

export interface NoticeAttack {
  readonly id: string
  /** A host, or the smallest prefix around those that are attacked. */
  readonly target: string
  readonly direction: Direction
  readonly severity: Severity
  readonly hostgroup: string
  readonly vector: string
  readonly customer?: string
  readonly customerName?: string
  readonly service?: string
  /** Of ours, the one around the target. */
  readonly network?: string
  readonly openedAt: number
  readonly packetsPerSecond: number
  readonly bitsPerSecond: number
  readonly why: string
  readonly decision: string
  readonly isDryRun: boolean
}

export interface AttackSurroundings {
  readonly entry: InventoryEntry | undefined
  readonly network: string | undefined
  readonly decision: string
  readonly isDryRun: boolean
}

export function noticeAttackOf(attack: Attack, around: AttackSurroundings): NoticeAttack {
  const { id, host, prefixes, scope, direction, hostgroup, openedAt, peak, speeds } = attack
  const { entry, network, decision, isDryRun } = around
  const bytes = direction === 'outgoing' ? speeds.outgoing.bytes : speeds.incoming.bytes
  return {
    ...{ id, direction, hostgroup, openedAt, decision, isDryRun },
    target: scope === 'host' ? host : (aroundAll(prefixes) ?? host),
    severity: severityOf(attack),
    vector: vectorOf(attack),
    packetsPerSecond: peak,
    bitsPerSecond: bytes * 8,
    why: whyOpened(attack),
    ...(entry === undefined ? {} : { customer: entry.customer.id, customerName: entry.customer.name }),
    ...(entry?.service === undefined ? {} : { service: entry.service.name }),
    ...(network === undefined ? {} : { network }),
  }
}

/** What its packets say; before they do, what was reported, or what it looked like when it opened. */
export const vectorOf = ({ finding, reported, type }: Attack): string =>
  finding?.parts[0]?.vector ?? reported?.vector ?? type
