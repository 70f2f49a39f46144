// A rule by a person as people see it: its state follows from what is held for it.

import { isActive, type Mitigation } from '#7-mitigation/mitigation.ts'
import type { RuleState, RuleView } from '#api/contract/rules.ts'
import { printAction } from '#lib/flowspec/print.ts'
import type { RuleRecord } from './rule-record.ts'

export interface RuleStanding {
  readonly state: RuleState
  readonly isDryRun: boolean
  readonly problem: string | undefined
}

const DRY_RUN = 'dry-run'
const stands = (state: RuleState, problem?: string | undefined, isDryRun = false): RuleStanding => ({
  ...{ state, isDryRun, problem },
})

/** `held`: mitigations of its attack. */
export function standingOf(record: RuleRecord, held: readonly Mitigation[]): RuleStanding {
  const { phase, how = 'withdrawn', problem, action } = record
  if (phase === 'over') return stands(how, problem)
  if (phase === 'scheduled') return stands('scheduled', problem)
  const active = held.filter(isActive)
  const failed = active.find(each => each.state === 'failed')
  if (failed?.state === 'failed') return stands('failed', failed.error)
  if (active.length === 0) return stands('pending', problem)
  if (active.every(({ enforcer }) => enforcer === DRY_RUN))
    return stands('monitored', problem, action !== 'monitor')
  const isThere = active.every(({ state }) => state === 'announced' || state === 'escalated')
  return stands(isThere ? 'active' : 'pending', problem)
}

export function presentRule(record: RuleRecord, standing: RuleStanding): RuleView {
  const { id, kind, target, action, bitsPerSecond, packetsPerSecond, reason, createdBy, via } = record
  const { customer, endedAt, endedBy, attackId, renewSeconds } = record
  const { state, isDryRun, problem } = standing
  return {
    ...{ id, kind, state, target, rule: textOf(record), action },
    ...(bitsPerSecond === undefined ? {} : { bitsPerSecond }),
    ...(packetsPerSecond === undefined ? {} : { packetsPerSecond }),
    ...{ reason, createdAt: isoText(record.createdAt), createdBy, via },
    ...(customer === undefined ? {} : { customer }),
    ...{ startsAt: isoText(record.startsAt), endsAt: isoText(record.endsAt) },
    renews: renewSeconds !== undefined && state !== 'withdrawn',
    ...(endedAt === undefined ? {} : { endedAt: isoText(endedAt) }),
    ...(endedBy === undefined ? {} : { endedBy }),
    dryRun: isDryRun,
    ...(problem === undefined ? {} : { problem }),
    ...(attackId === undefined ? {} : { attackId }),
  }
}

const isoText = (at: number): string => new Date(at).toISOString()

type RuleWords = Pick<
  RuleRecord,
  'kind' | 'flow' | 'target' | 'action' | 'bitsPerSecond' | 'packetsPerSecond'
>

/** The rule in one line, with what is done; a watched one does nothing. */
export function textOf(rule: RuleWords): string {
  const { kind, flow, target, action, bitsPerSecond, packetsPerSecond } = rule
  if (kind === 'blackhole') return target
  switch (action) {
    case 'discard':
      return `${flow} then discard`
    case 'accept':
      return `${flow} then action none`
    case 'rate-limit': {
      const rate =
        packetsPerSecond === undefined
          ? printAction({ kind: 'rate-bytes', bytesPerSecond: (bitsPerSecond ?? 0) / 8, asn: 0 })
          : printAction({ kind: 'rate-packets', packetsPerSecond, asn: 0 })
      return `${flow} then ${rate}`
    }
    default:
      return flow
  }
}
