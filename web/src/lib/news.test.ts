import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Attack } from '#api/contract/attack.ts'
import type { LiveMessage } from '#api/contract/live.ts'
import type { MitigationView as Mitigation } from '#api/contract/mitigations.ts'
import { isMuted, NewsReader } from './news.ts'

/** Only what is read of them. */
const mitigation = (changes: Partial<Mitigation> = {}): LiveMessage => ({
  kind: 'mitigation-changed',
  mitigation: {
    ...{ attackId: 'a1', target: '192.0.2.1', state: 'announced', does: 'limit UDP', isDryRun: false },
    ...{ createdAt: '2030-01-02T03:04:05.000Z', expiresAt: '2030-01-02T03:06:05.000Z', ttlSeconds: 120 },
    ...changes,
  } as Mitigation,
})
const attack = (
  kind: 'attack-opened' | 'attack-updated' | 'attack-ended',
  changes: Partial<Attack> = {},
): LiveMessage => ({
  kind,
  attack: { id: 'a1', host: '192.0.2.1', decision: 'acting for 192.0.2.1', ...changes } as Attack,
})

const eventsOf = (...messages: readonly LiveMessage[]) => {
  const reader = new NewsReader()
  return messages.flatMap(message => reader.read(message)?.event ?? [])
}

test('of an attack the first thing that is done is news, each step up, and its end', () => {
  const news = eventsOf(
    attack('attack-opened'),
    mitigation({ state: 'pending' }),
    mitigation(),
    mitigation({ attackId: 'a2', target: '192.0.2.2' }),
    attack('attack-updated'),
    mitigation({ step: 1 }),
    mitigation({ step: 1 }),
    mitigation({ state: 'expired' }),
    attack('attack-ended', { endedBy: 'finished' }),
    attack('attack-ended', { endedBy: 'finished' }),
    attack('attack-ended', { id: 'a2', endedBy: 'operator' }),
  )

  assert.deepEqual(news, [
    ...['mitigation.created', 'mitigation.created', 'mitigation.escalated', 'mitigation.expired'],
    'mitigation.withdrawn',
  ])
})

test('what began before somebody listened is known from then on, and its first step is no news', () => {
  const old = { expiresAt: '2030-01-02T03:20:05.000Z' }

  assert.deepEqual(
    eventsOf(
      mitigation(old),
      mitigation({ ...old, step: 1 }),
      attack('attack-ended', { endedBy: 'finished', because: 'Detector unban: det' }),
    ),
    ['mitigation.escalated', 'mitigation.withdrawn'],
  )
})

test('a refusal says why, and a dry run that it is one', () => {
  const reader = new NewsReader()
  const decision = 'refused to act for 192.0.2.1: it is safelisted (rail safelist)'

  assert.deepEqual(reader.read(attack('attack-opened', { decision })), {
    ...{ event: 'guardrail.rejected', text: '192.0.2.1: nothing is done', help: `${decision}.` },
  })
  assert.deepEqual(reader.read(mitigation({ isDryRun: true })), {
    ...{ event: 'mitigation.created', text: '192.0.2.1: something would be done' },
    help: 'Dry run: it would limit UDP.',
  })
})

test('somebody has his events muted, and his hours quiet, also over midnight', () => {
  const created = 'mitigation.created'
  const quiet = (from: number, to: number) => ({ mutedEvents: [], quietHours: { from, to } })
  const hours = (from: number, to: number) =>
    Array.from({ length: 24 }, (_, hour) => hour).filter(hour => isMuted(quiet(from, to), created, hour))

  assert.equal(isMuted({ mutedEvents: [created] }, created, 12), true)
  assert.equal(isMuted({ mutedEvents: ['mitigation.expired'] }, created, 12), false)
  assert.deepEqual(hours(22, 2), [0, 1, 22, 23])
  assert.deepEqual(hours(9, 11), [9, 10])
  assert.deepEqual(hours(7, 7), [])
})
