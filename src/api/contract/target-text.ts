// What a ban or an attack is on, in a few words.

import type { Ban } from './ban.ts'

type Target = Pick<Ban, 'host' | 'scope' | 'prefixes'>

/** `192.0.2.1`, `prefix 192.0.2.0/24 and 3 more`, `hostgroup 192.0.2.0/24`. */
export function targetText({ host, scope, prefixes }: Target): string {
  if (scope === 'host') return host
  const more = prefixes.length > 1 ? ` and ${prefixes.length - 1} more` : ''
  return `${scope} ${host}${more}`
}
