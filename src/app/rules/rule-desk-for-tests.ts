// The desk of rules by people over real policy and real state, armed, with an announcer that answers as the test says.

import type { TestContext } from 'node:test'
import type { AnnouncementPlan } from '#6-policy/announcement-plan.ts'
import type { Enforcer, Outcome } from '#7-mitigation/enforcer.ts'
import type { DeskContext } from '../desk-context.ts'
import { setUp } from '../resources/resources-for-tests.ts'

export const RULE = {
  ...{ target: '203.0.113.5', match: { protocol: '=udp', sourcePort: '=123' }, action: 'discard' },
  ...{ ttlSeconds: 600, reason: 'ticket 4711' },
}

/** Armed, with an announcer that answers as the test says. */
export async function armed(t: TestContext, context: Partial<DeskContext> = {}) {
  const answer: { now: Outcome } = { now: { kind: 'done' } }
  const announcements = (['host', 'network'] as const).map(
    (scope): AnnouncementPlan => ({
      ...{ enforcer: 'gobgp', family: 4, scope, nextHop: '192.0.2.1', communities: ['65535:666'] },
    }),
  )
  const made = await setUp(t, {}, { context: { armed: true, announcements, ...context } })
  const gobgp: Enforcer = {
    ...{ name: 'gobgp', actions: ['filter', 'blackhole'], lists: false },
    announce: async () => answer.now,
    amend: async () => ({ kind: 'done' }),
    withdraw: async () => ({ kind: 'done' }),
    stop: async () => {},
  }
  made.desk.enforcers = [gobgp]
  const stateOf = async (id: string) => (await made.call('GET', `/rules/${id}`)).body.state
  const pass = async (seconds: number) => {
    for (let second = 0; second < seconds; second++) {
      await made.pass(1)
      made.rules.tick()
      await made.desk.settled()
    }
  }
  return { ...made, answer, stateOf, pass }
}
