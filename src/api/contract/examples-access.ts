// Examples of answers about who may do what.

import { EXAMPLE_RELOAD } from './examples.ts'
import type { Me } from './session.ts'
import type { SetupFacts, SetupWritten } from './setup.ts'
import type { NewToken, TokenView } from './tokens.ts'
import type { UserView } from './users.ts'

export const EXAMPLE_USER: UserView = {
  id: '7b0e4f0a-6f0e-4c7e-9d53-3c1f6d2b8a11',
  name: 'ann',
  role: 'operator',
  customers: ['acme'],
  disabled: false,
  createdAt: '2026-11-20T08:10:00.000Z',
  createdBy: 'uid:0',
  lastLoginAt: '2026-11-20T09:00:00.000Z',
}

export const EXAMPLE_ME: Me = {
  kind: 'user',
  name: 'ann',
  role: 'operator',
  customers: ['acme'],
  csrfToken: 'q8nZkM0yq2l3yT3Cw8r0m3x9Zt6b1Fh5uJ7dVxA0KpE',
  endsAt: '2026-11-27T09:00:00.000Z',
}

export const EXAMPLE_SETUP_FACTS: SetupFacts = {
  file: '/var/lib/floodwarden/floodwarden.yaml',
  networks: ['192.0.2.10/32'],
  areOwn: true,
  interfaces: ['lo', 'eth0', 'eth1'],
  captured: ['eth0'],
  telemetry: [],
  thresholds: { packetsPerSecond: 20_000, megabitsPerSecond: 1000 },
  banSeconds: 1900,
}

export const EXAMPLE_SETUP_WRITTEN: SetupWritten = {
  file: '/var/lib/floodwarden/floodwarden.yaml',
  reload: EXAMPLE_RELOAD,
}

export const EXAMPLE_TOKEN: TokenView = {
  id: '5f1c9a0b7e3d2468',
  name: 'fastnetmon-edge',
  role: 'operator',
  createdAt: '2026-11-20T08:12:00.000Z',
  createdBy: 'user:ann',
  expiresAt: '2027-11-20T08:12:00.000Z',
  lastUsedAt: '2026-11-20T10:05:00.000Z',
}

export const EXAMPLE_NEW_TOKEN: NewToken = {
  ...EXAMPLE_TOKEN,
  token: 'fwt_5f1c9a0b7e3d2468_This-is-an-example-and-opens-no-door-at-all',
}
