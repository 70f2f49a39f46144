// Attacks as the contract shows them: the words of stages 4 and 7 in the shape clients know.

import type {
  Attack as DetectedAttack,
  Crossing as DetectedCrossing,
  Finding as DetectedFinding,
  Reported as DetectedReported,
  Suspicion as DetectedSuspicion,
} from '#4-detection/attack.ts'
import { proposedJson } from '#5-evidence/distill/proposed-json.ts'
import type { ProposedRules } from '#5-evidence/distill/proposed-rules.ts'
import { whyOpened } from '#5-evidence/report.ts'
import { actionText } from '#6-policy/action.ts'
import { isDryRun, type Mitigation } from '#7-mitigation/mitigation.ts'
import type { Attack, Crossing, Finding, Measure, Reported, Suspicion } from './contract/attack.ts'
import type { Ban } from './contract/ban.ts'

/** An attack with what policy decided about it (one sentence), what is done about it, and the rules its packets suggest. */
export function presentAttack(
  attack: DetectedAttack,
  decision: string,
  mitigations: readonly Mitigation[],
  proposed?: ProposedRules,
): Attack {
  return {
    id: attack.id,
    host: attack.host,
    scope: attack.scope,
    prefixes: [...attack.prefixes],
    family: attack.family,
    state: attack.state,
    origin: attack.origin,
    ...(attack.reported === undefined ? {} : { reported: presentReported(attack.reported) }),
    hostgroup: attack.hostgroup,
    direction: attack.direction,
    type: attack.type,
    protocol: attack.protocol,
    power: attack.power,
    peak: attack.peak,
    openedAt: isoText(attack.openedAt),
    banSeconds: attack.banSeconds,
    isOver: attack.state === 'open' && attack.isOver,
    ...(attack.state === 'ended' ? { endedAt: isoText(attack.endedAt), endedBy: attack.endedBy } : {}),
    ...(attack.state === 'ended' && attack.because !== undefined ? { because: attack.because } : {}),
    ...(attack.crossing === undefined ? {} : { crossing: presentCrossing(attack.crossing) }),
    ...(attack.finding === undefined ? {} : { finding: presentFinding(attack.finding) }),
    why: whyOpened(attack),
    decision,
    mitigations: mitigations.map(presentMitigation),
    ...(proposed === undefined ? {} : { proposed: proposedJson(proposed) }),
  }
}

export const presentSuspicion = ({ features, ...rest }: DetectedSuspicion): Suspicion => ({
  ...rest,
  features: features.map(feature => ({ ...feature })),
})

const presentReported = ({ source, vector, confidence, ports, order }: DetectedReported): Reported => ({
  ...{ source, vector, confidence, ports: [...ports] },
  ...(order === undefined ? {} : { order }),
})

const presentCrossing = ({ suspicion, ...rest }: DetectedCrossing): Crossing => ({
  ...rest,
  ...(suspicion === undefined ? {} : { suspicion: presentSuspicion(suspicion) }),
})

const presentFinding = ({ parts, confidence, packets }: DetectedFinding): Finding => ({
  parts: parts.map(({ vector, share, reasons }) => ({ vector, share, reasons: [...reasons] })),
  confidence,
  packets,
})

/** The ban an attack stands for. */
export function presentBan(attack: DetectedAttack, decision: string): Ban {
  const endsAt = attack.openedAt + attack.banSeconds * 1000
  return {
    host: attack.host,
    scope: attack.scope,
    prefixes: [...attack.prefixes],
    family: attack.family,
    attackId: attack.id,
    origin: attack.origin,
    direction: attack.direction,
    peak: attack.peak,
    openedAt: isoText(attack.openedAt),
    ...(attack.banSeconds === 0 ? {} : { endsAt: isoText(endsAt) }),
    why: whyOpened(attack),
    decision,
  }
}

export function presentMitigation(mitigation: Mitigation): Measure {
  return {
    id: mitigation.id,
    enforcer: mitigation.enforcer,
    action: mitigation.action.kind,
    isDryRun: isDryRun(mitigation),
    state: mitigation.state,
    does: actionText(mitigation.action),
    ...(mitigation.playbook === '' ? {} : { playbook: mitigation.playbook, step: mitigation.step }),
    reason: mitigation.reason,
    createdAt: isoText(mitigation.createdAt),
    expiresAt: isoText(mitigation.expiresAt),
    ttlSeconds: mitigation.ttlSeconds,
    isStanding: mitigation.isStanding,
    ...('error' in mitigation ? { error: mitigation.error } : {}),
  }
}

const isoText = (atMs: number): string => new Date(atMs).toISOString()
