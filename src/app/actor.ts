// Whoever asked, as the audit calls him.

import type { Actor } from '#7-mitigation/audit.ts'
import type { Caller } from '#api/control.ts'

export function actorOf({ via, uid, identity }: Caller): Actor {
  if (via !== undefined) return via
  if (identity === undefined || identity.kind === 'socket')
    return uid === undefined ? 'unknown' : `uid:${uid}`
  return identity.kind === 'open' ? 'open' : `${identity.kind}:${identity.name}`
}
