// Who may do what: roles, who somebody is, and what each route demands. One row a route; the server refuses routes without.

import type { IncomingMessage } from 'node:http'

import { contains, type Prefix, parsePrefix } from '#lib/ip/prefix.ts'

export const ROLES = ['viewer', 'operator', 'admin'] as const
/** Each may what the one before may: look; act on attacks; change who may what and how it is decided. */
export type Role = (typeof ROLES)[number]

/** What somebody is confined to; with both, to what lies within both. Missing both: to nothing, it reaches everything. */
export interface Confinement {
  /** Ids of customers of the inventory: what is wholly theirs. */
  readonly customers?: readonly string[] | undefined
  /** Prefixes in canonical form: what lies within one of them, or is one of them. */
  readonly networks?: readonly string[] | undefined
}

export const isConfined = ({ customers, networks }: Confinement): boolean =>
  customers !== undefined || networks !== undefined

/** Only what is said. */
export const confinementOf = ({ customers, networks }: Confinement) => ({
  ...(customers && { customers: [...customers] }),
  ...(networks && { networks: [...networks] }),
})

/** Whether all of a target lies within one of the networks. */
export function isWithin(networks: readonly string[], target: string): boolean {
  const asked = parsePrefix(target)
  return asked !== undefined && networks.some(text => isInside(text, asked))
}

function isInside(network: string, asked: Prefix): boolean {
  const prefix = parsePrefix(network)
  return prefix !== undefined && contains(prefix, asked)
}

/** In words: `of acme within 192.0.2.0/24`; empty: everything. */
export const confinementText = ({ customers, networks }: Confinement): string =>
  [
    ...(customers === undefined ? [] : [`of ${customers.join(', ')}`]),
    ...(networks === undefined ? [] : [`within ${networks.join(', ')}`]),
  ].join(' ')

/** Whoever sent a request, once it is known. */
export interface Identity extends Confinement {
  /** How it is known: the control socket, a session of a user, a bearer token, a client's certificate, or nobody had to say. */
  readonly kind: 'socket' | 'user' | 'token' | 'certificate' | 'open'
  /** What the audit calls it: a user's or a token's name. */
  readonly name: string
  /** Stable; of a user or a token. Empty: it has none. */
  readonly id: string
  readonly role: Role
}

export interface AccessRule {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'
  /** As the router has it: `/api/v1/attacks/:id`. */
  readonly path: string
  /** The least role; `public`: whoever asks, also without a credential. */
  readonly role: Role | 'public'
  /**
   * `customers`: whoever is confined to customers or networks sees and touches only what is theirs, which the handler sees to.
   * `everything`: whoever is confined is refused. A public route says `everything`.
   */
  readonly reach: 'customers' | 'everything'
  /** How a dialect's own clients say who they are here; the gate asks it before the usual ways. */
  readonly credential?: (message: Headed) => Shown
}

export type Headed = Pick<IncomingMessage, 'headers' | 'rawHeaders'>

/** What a request shows of a credential. A cookie comes by itself with whatever a page asks for. */
export type Shown =
  | { readonly kind: 'none' }
  | { readonly kind: 'known'; readonly identity: Identity; readonly by: 'header' | 'cookie' }
  /** It is one, and does not let in. */
  | { readonly kind: 'wrong'; readonly detail: string }

export const isAtLeast = (role: Role, least: Role): boolean => ROLES.indexOf(role) >= ROLES.indexOf(least)

/** Why a request was refused before its route was reached; each dialect tells it in its own words. */
export class AccessRefusal extends Error {
  readonly reason: 'unauthenticated' | 'forbidden' | 'rate-limited' | 'bad-csrf' | 'bad-origin'
  readonly statusCode: 401 | 403 | 429
  /** When to try again, of `rate-limited`. */
  readonly retryAfterSeconds: number | undefined

  constructor(reason: AccessRefusal['reason'], detail: string, retryAfterSeconds?: number) {
    super(detail)
    this.reason = reason
    this.statusCode = reason === 'unauthenticated' ? 401 : reason === 'rate-limited' ? 429 : 403
    this.retryAfterSeconds = retryAfterSeconds
  }
}
