// The audit: who did what to which host, why, and how it ended. An entry is never changed.

import type { Mitigation } from './mitigation.ts'

/**
 * Floodwarden itself, the user behind the control socket (`unknown` when the kernel did not say who), whoever reached
 * FastNetMon's gRPC interface, who came over the network by the name of his user, token or certificate (`open`: nobody
 * had to say who he is), or a foreign detector by its name.
 */
export type Actor =
  | 'floodwarden'
  | 'grpc'
  | 'setup-link'
  | 'unknown'
  | 'open'
  | `uid:${number}`
  | `${'user' | 'token' | 'certificate' | 'detector'}:${string}`

/**
 * The first are about a mitigation; arm, disarm and panic about all of them, rule about a rule by a person, acknowledge about
 * an attack, safelist about a prefix, protect about a protection profile, configure about the configuration, notify about who
 * is told, backup and restore about the state, the rest about who may do what.
 */
export const DEEDS = [
  ...(['decide', 'announce', 'amend', 'extend', 'renew', 'escalate', 'end', 'withdraw', 'expire'] as const),
  ...([
    'arm',
    'disarm',
    'panic',
    'rule',
    'acknowledge',
    'safelist',
    'configure',
    'protect',
    'notify',
  ] as const),
  ...(['backup', 'restore'] as const),
  ...(['log-in', 'log-out', 'add-user', 'change-user', 'remove-user', 'add-token', 'revoke-token'] as const),
] as const
export type Deed = (typeof DEEDS)[number]

export interface AuditEntry {
  /** Wall clock, ms since 1970 UTC. */
  readonly at: number
  readonly who: Actor
  readonly what: Deed
  /** Canonical address of the host. */
  readonly target: string
  readonly attackId: string
  /** `undefined` when it never came to one: a refused decision. */
  readonly mitigationId: string | undefined
  readonly outcome: 'done' | 'failed' | 'refused' | 'dry-run'
  /** One sentence: why it was done, or why it failed or was refused. */
  readonly reason: string
  /** What it was before and what it is now, as JSON can say it; missing where nothing changed. */
  readonly before?: unknown
  readonly after?: unknown
}

/** An entry about a mitigation. */
export function auditOf(
  mitigation: Mitigation,
  told: Pick<AuditEntry, 'at' | 'who' | 'what' | 'outcome'> & {
    readonly reason?: string
    /** The mitigation as it was, when this changed it. */
    readonly before?: Mitigation | undefined
    /** As it is now. */
    readonly after?: Mitigation | undefined
  },
): AuditEntry {
  const { at, who, what, outcome, reason = mitigation.reason, before, after } = told
  const { target, attackId, id: mitigationId } = mitigation
  const change = { ...(before && { before: shortOf(before) }), ...(after && { after: shortOf(after) }) }
  return { at, who, what, target, attackId, mitigationId, outcome, reason, ...change }
}

/** What can change of a mitigation. */
const shortOf = ({ state, action, enforcer, expiresAt }: Mitigation) => ({
  state,
  action,
  enforcer,
  expiresAt,
})

/** The entry in one sentence: `uid:1000 withdraw 192.0.2.1: done (an operator asked for it)`. */
export const auditText = ({ who, what, target, outcome, reason }: AuditEntry): string =>
  `${who} ${what} ${target}: ${outcome} (${reason})`
