// Users and tokens: what their forms say as the contract wants it, and who one may change.

import type { Me } from '#api/contract/session.ts'
import type { UserView } from '#api/contract/users.ts'
import { linesOf } from '../lib/lines-of.ts'
import { ROLES, type Role } from '../lib/roles.ts'

export const ROLE_WORDS = [
  ['viewer', 'viewer: looks'],
  ['operator', 'operator: also acts on attacks'],
  ['admin', 'admin: also changes who may what, and the configuration'],
] as const

export const roleOf = (text: string): Role => ROLES.find(role => role === text) ?? 'viewer'

/** What somebody is confined to: nothing typed, nothing confined. */
export function confinementOf(customers: string, networks: string) {
  const [ids, prefixes] = [linesOf(customers), linesOf(networks)]
  return {
    ...(ids.length === 0 ? {} : { customers: ids }),
    ...(prefixes.length === 0 ? {} : { networks: prefixes }),
  }
}

/** The same of a change: what was taken away is said, too. */
export function changedConfinement(customers: string, networks: string) {
  const [ids, prefixes] = [linesOf(customers), linesOf(networks)]
  return { customers: ids.length === 0 ? null : ids, networks: prefixes.length === 0 ? null : prefixes }
}

interface Confined {
  readonly customers?: readonly string[] | undefined
  readonly networks?: readonly string[] | undefined
}

export const confinedText = ({ customers, networks }: Confined): string =>
  [
    ...(customers === undefined ? [] : [`customers ${customers.join(', ')}`]),
    ...(networks === undefined ? [] : [`networks ${networks.join(', ')}`]),
  ].join(' within ') || 'everything'

/** Why somebody should not take this away from himself. */
export function ownHarm(me: Me | undefined, user: Pick<UserView, 'name'>): string | undefined {
  return me?.kind === 'user' && me.name === user.name ? 'This is you.' : undefined
}

export const PASSWORD_LEAST = 8

export function passwordProblem(password: string, again: string): string | undefined {
  if (password.length > 0 && password.length < PASSWORD_LEAST) return `at least ${PASSWORD_LEAST} characters`
  return again !== '' && again !== password ? 'the two are not the same' : undefined
}

/** A day as typed, in UTC, at its end; undefined: none was typed. */
export const endOfDay = (day: string): string | undefined => (day === '' ? undefined : `${day}T23:59:59Z`)
