// By which code a ban by hand is refused, for each rail.

import type { Rail } from '#6-policy/guardrail.ts'
import type { BanRefusal } from '#api/control.ts'

export const REFUSAL_OF: Readonly<Record<Rail, BanRefusal>> = {
  'default-route': 'refused-by-policy',
  'outside-networks': 'outside-networks',
  management: 'protected-host',
  whitelist: 'protected-host',
  safelist: 'protected-host',
  means: 'refused-by-policy',
  'prefix-length': 'refused-by-policy',
  ttl: 'refused-by-policy',
  rule: 'refused-by-policy',
  inseparable: 'refused-by-policy',
  bgp: 'protected-host',
  'blast-radius': 'refused-by-policy',
  'bans-max': 'too-many-bans',
  'bans-per-minute': 'too-many-bans',
  'quota-global': 'too-many-bans',
  'quota-customer': 'too-many-bans',
  'quota-pop': 'too-many-bans',
  'rule-budget': 'too-many-bans',
}
