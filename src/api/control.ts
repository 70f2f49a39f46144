// What the API needs of the daemon. The routes know nothing else of it; app implements it.

import type { Identity } from './contract/access.ts'
import type { Arming, ArmingQuery, ArmRequest } from './contract/arming.ts'
import type { AttackReport, Attacks, AttacksQuery } from './contract/attack.ts'
import type { Audit, AuditQuery, AuditVerdict } from './contract/audit.ts'
import type { Ban, BanRequest, Bans, BansQuery } from './contract/ban.ts'
import type { Explanation } from './contract/explain.ts'
import type {
  ExporterInterfaces,
  ExporterInterfacesQuery,
  Exporters,
  ExportersQuery,
} from './contract/exporters.ts'
import type { Health } from './contract/health.ts'
import type { LimitDecision, LimitDecisionRequest, Limits, LimitsQuery } from './contract/limits.ts'
import type { Problem } from './contract/problem.ts'
import type { Reload } from './contract/reload.ts'
import type { SimulateRequest, Simulation } from './contract/simulate.ts'
import type { Status } from './contract/status.ts'
import type { Traffic, TrafficQuery } from './contract/traffic.ts'
import type { ErrorCode } from './errors.ts'

/** Who asks, as the kernel says; undefined where it does not say. */
export interface Caller {
  readonly uid: number | undefined
  readonly pid: number | undefined
  /** Who came over the network; missing: it is the control socket. */
  readonly identity?: Identity
  /** The door the caller came through, where the kernel cannot say who it is. */
  readonly via?: 'grpc' | 'setup-link'
}

export type Answer<T> = T | Promise<T>

/** What was done, or the reason it was not: a code of the catalogue and a sentence about this case. */
export type Done<T, Code extends ErrorCode> =
  | { readonly kind: 'done'; readonly value: T }
  | {
      readonly kind: 'refused'
      readonly code: Code
      readonly detail: string
      /** Each thing that is wrong, and where. */
      readonly errors?: Problem['errors']
    }

export type BanRefusal =
  | 'already-banned'
  | 'outside-networks'
  | 'protected-host'
  | 'too-many-bans'
  | 'refused-by-policy'
  | 'not-ready'

export type ReloadRefusal = 'config-refused' | 'not-ready'

export type SimulateRefusal = 'cannot-simulate' | 'not-ready'

export type ArmRefusal = 'nothing-to-arm' | 'not-ready'

export type StateRefusal = 'state-unavailable'

export type LimitRefusal = 'unknown-limit' | 'not-ready'

export type UnbanRefusal = 'not-banned' | 'ambiguous' | 'not-ready'

/** Hosts come in canonical form, queries checked. A thrown error is answered as `internal`. */
export interface Control {
  status(): Answer<Status>
  health(): Answer<Health>
  traffic(query: TrafficQuery): Answer<Traffic>
  attacks(query: AttacksQuery): Answer<Attacks>
  /** The report of an attack; undefined when no such attack is known. */
  attack(id: string): Answer<AttackReport | undefined>
  /** Why a host, or the attack of this identifier; undefined when it is neither an address nor a known attack. */
  explain(subject: string): Answer<Explanation | undefined>
  bans(query: BansQuery): Answer<Bans>
  /** Bans a host by hand and writes the caller into the audit, also when it is refused. */
  ban(request: BanRequest, by: Caller): Answer<Done<Ban, BanRefusal>>
  /**
   * Ends the ban of a host, of prefixes that are attacked together (by any one of them), or of the attack of this
   * identifier, and writes the caller into the audit; answers with the ban that ended.
   */
  unban(target: string, by: Caller, reason?: string): Answer<Done<Ban, UnbanRefusal>>
  /** Reads the configuration again and goes on by it. */
  reload(by: Caller): Answer<Done<Reload, ReloadRefusal>>
  simulate(request: SimulateRequest): Answer<Done<Simulation, SimulateRefusal>>
  arming(query: ArmingQuery): Answer<Done<Arming, ArmRefusal>>
  /** Arms or disarms and writes the caller into the audit. */
  arm(request: ArmRequest, by: Caller): Answer<Done<Arming, ArmRefusal>>
  limits(query: LimitsQuery): Answer<Done<Limits, LimitRefusal>>
  /** Accepts or rejects learned limits and writes the caller into the audit; settles when they are applied. */
  decideLimits(request: LimitDecisionRequest, by: Caller): Answer<Done<LimitDecision, LimitRefusal>>
  /** Who sends flow telemetry. */
  exporters(query: ExportersQuery): Answer<Exporters>
  /** Interfaces of an exporter; undefined when none of this address is known. */
  interfaces(query: ExporterInterfacesQuery): Answer<ExporterInterfaces | undefined>
  audit(query: AuditQuery): Answer<Audit>
  verifyAudit(): Answer<Done<AuditVerdict, StateRefusal>>
  /** Saves state and configuration and writes the caller into the audit; the file is the caller's to remove. */
  backUp(by: Caller): Answer<Done<{ readonly file: string }, StateRefusal>>
}
