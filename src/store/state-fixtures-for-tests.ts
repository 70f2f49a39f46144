// Places, attacks, events and entries for the tests of the state.

import type { TestContext } from 'node:test'
import { exampleAttack } from '#5-evidence/example.ts'
import type { AuditEntry } from '#7-mitigation/audit.ts'
import { EXAMPLE_LIFE } from '#7-mitigation/example.ts'
import type { Mitigation } from '#7-mitigation/mitigation.ts'
import type { Clocks } from './ban-age.ts'
import type { Change, Kept, PastAttack, ReceivedEvent } from './change.ts'
import type { Migration } from './migrate.ts'
import type { OpenState } from './open-state.ts'
import type { SetAsideRow } from './set-aside.ts'

export const WALL = Date.UTC(2026, 0, 15, 12)
export const CLOCKS: Clocks = { boot: 'a', uptimeSeconds: 1000, wallMs: WALL }

export interface Opening {
  readonly clocks?: Clocks
  readonly migrations?: readonly Migration[]
  readonly run?: string
}

export interface OpenedState {
  readonly file: OpenState
  readonly kept: Kept
  readonly setAside: readonly SetAsideRow[]
}

/** Where one state lives; opened again and again as after restarts. */
export interface Place {
  open(opening?: Opening): Promise<OpenedState>
}

export const attack = (id: string, openedUptimeSeconds = 990): Change => ({
  kind: 'attack',
  attack: exampleAttack({ id, openedAt: WALL - 10_000 }),
  openedUptimeSeconds,
})

export const MITIGATION: Mitigation = {
  ...{ id: 'a.0', attackId: 'a', target: '192.0.2.1', enforcer: 'notify-script', reason: 'because' },
  ...{
    action: { kind: 'script', path: '/bin/true' },
    ...EXAMPLE_LIFE,
    createdAt: WALL,
    expiresAt: WALL + 60_000,
  },
  ...{ state: 'announced', announcedAt: WALL },
}

export const entry = (at: number, changes: Partial<AuditEntry> = {}): AuditEntry => ({
  ...{ at, who: 'uid:1000', what: 'announce', target: '192.0.2.1', attackId: 'a' },
  ...{ mitigationId: undefined, outcome: 'done', reason: 'because', ...changes },
})

export const audit = (at: number, changes: Partial<AuditEntry> = {}): Change => ({
  kind: 'audit',
  entry: entry(at, changes),
})

export const event = (id: string, changes: Partial<ReceivedEvent> = {}): ReceivedEvent => ({
  ...{ id, source: 'detector-1', externalId: `x-${id}`, receivedAt: WALL },
  ...{ host: '192.0.2.1', outcome: 'accepted', attackId: 'a' },
  ...{ report: { vector: 'udp_flood', bps: 1e9 }, ...changes },
})

export const past = (id: string, endedAt = WALL): PastAttack => ({
  ...{ id, host: '192.0.2.1', openedAt: WALL - 60_000, endedAt, report: { id, words: ['why'] } },
})

export const attackIds = ({ attacks }: Kept) => attacks.map(({ attack: { id } }) => id)

/** A test over a new place, by its words. */
export type TestPlace = (words: string, act: (place: Place, t: TestContext) => Promise<void>) => void
