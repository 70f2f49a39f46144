// What DDPS's API needs of the daemon; app implements it. Whoever is confined to customers sees and touches only what is
// theirs, and the desk sees to that.

import type { IncomingMessage } from 'node:http'
import type { Identity } from '#api/contract/access.ts'
import type { Rule } from '#lib/flowspec/rule.ts'
import type { Prefix } from '#lib/ip/prefix.ts'

export interface DdpsDesk {
  readonly tokens: TokenRoom
  readonly rules: RuleRoom
}

/** Whose a token is, as he is now. */
export interface TokenHolder {
  readonly identity: Identity
  /** Another one after a new password, so that tokens of the old one are over. */
  readonly version: string
}

export type SignedIn =
  | { readonly kind: 'done'; readonly holder: TokenHolder }
  | { readonly kind: 'wrong' }
  | { readonly kind: 'throttled'; readonly retryAfterSeconds: number }

export interface TokenRoom {
  signIn(name: string, password: string, message: IncomingMessage): Promise<SignedIn>
  /** `undefined`: removed or disabled. */
  holder(userId: string): TokenHolder | undefined
  /** What tokens are signed with; `undefined`: nobody signed in yet. */
  key(): Buffer | undefined
  /** As they are in the configuration now. */
  life(): { readonly tokenSeconds: number; readonly longestSeconds: number }
  isSecure(message: IncomingMessage): boolean
  /** Ms since 1970. */
  now(): number
}

export interface DdpsOrder {
  /** Without actions it only watches. */
  readonly rule: Rule
  readonly seconds: number
  readonly description: string
}

export type OrderOutcome =
  | { readonly kind: 'accepted' }
  | { readonly kind: 'refused'; readonly because: OrderRefusal; readonly text: string }

export type OrderRefusal = 'duplicate' | 'active-quota' | 'rate-quota' | 'rights' | 'policy' | 'unavailable'

/** DDPS's words for where a rule stands. */
export const RULE_WORDS = [
  ...(['Pending', 'Active', 'Expired', 'Rule deleted'] as const),
  ...(['Invalid flowspec', 'Failed to implement rule'] as const),
] as const
export type RuleWord = (typeof RULE_WORDS)[number]

export interface RuleRow {
  readonly id: string
  readonly status: RuleWord
  /** As our text form has it. */
  readonly text: string
  /** `undefined`: it is none of FlowSpec. */
  readonly rule: Rule | undefined
  readonly description: string
  readonly createdBy: string
  readonly sourceApp: string
  /** Ms since 1970. */
  readonly createdAt: number
  readonly startsAt: number
  readonly endsAt: number
}

export type Withdrawn =
  | { readonly kind: 'withdrawn' | 'over' | 'unknown' }
  | { readonly kind: 'refused'; readonly text: string }

export interface RuleRoom {
  /** Actions that may be asked for, as they are in the configuration now. */
  actions(): readonly string[]
  /** Whether all of a prefix is his to protect. */
  mayTouch(target: Prefix, by: Identity): boolean
  add(order: DdpsOrder, by: Identity): Promise<OrderOutcome>
  /** Newest first, at most a thousand. */
  list(which: 'active' | 'all', by: Identity): Promise<readonly RuleRow[]>
  withdraw(id: string, by: Identity): Promise<Withdrawn>
}
