import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Client, Failure, Reply } from '#api/contract/client.ts'
import { EXAMPLE_ATTACK, EXAMPLE_BAN, EXAMPLE_EXPLANATION, EXAMPLE_TRAFFIC } from '#api/contract/examples.ts'
import { ROUTES } from '#api/contract/routes.ts'
import { FACTS, STATE } from './facts-for-tests.ts'
import { carryOut, look } from './feed.ts'
import type { Facts } from './state.ts'

const ABSENT: Failure = { kind: 'absent', path: '/x.sock', cause: new Error('gone') }
const REFUSED: Failure = {
  kind: 'refused',
  problem: {
    ...{ type: 'about:blank', title: 'You may not do this.', status: 403, code: 'forbidden' },
    ...{ means: 'Nothing was done.', do: 'Ask somebody who may.' },
  },
}

/** Answers by route; what is not there fails. */
function clientOf(answers: ReadonlyMap<unknown, unknown>, failure: Failure = ABSENT) {
  const asked: unknown[] = []
  const call = async (route: unknown, input: unknown): Promise<Reply<unknown>> => {
    asked.push(input)
    const value = answers.get(route)
    return value === undefined ? { kind: 'failed', failure } : { kind: 'ok', value }
  }
  return { asked, client: { call: call as Client['call'] } }
}

const TRAFFIC = [ROUTES.traffic, EXAMPLE_TRAFFIC] as const

test('only what is shown is asked for', async () => {
  const { client, asked } = clientOf(
    new Map<unknown, unknown>([
      TRAFFIC,
      [ROUTES.attacks, { attacks: [EXAMPLE_ATTACK], total: 1 }],
      [ROUTES.explain, EXAMPLE_EXPLANATION],
    ]),
  )
  const bare: Facts = { traffic: EXAMPLE_TRAFFIC }

  const traffic = await look(client, STATE, bare, '10:00:00')
  const before = asked.length
  const attacks = await look(client, { ...STATE, pane: 'attacks' }, traffic, '10:00:01')
  const over = { kind: 'details', key: EXAMPLE_ATTACK.id, scroll: 0 } as const
  const details = await look(client, { ...STATE, pane: 'attacks', over }, attacks, '10:00:02')

  assert.equal(before, 1)
  assert.equal(attacks.attacks?.kind, 'told')
  assert.equal(details.explanation?.told.kind, 'told')
  assert.deepEqual(asked.at(-2), { subject: EXAMPLE_ATTACK.id })
})

test('a daemon that is gone leaves what it said, with the time since when; back again it is new', async () => {
  const gone = clientOf(new Map())
  const back = clientOf(new Map<unknown, unknown>([TRAFFIC, [ROUTES.mitigations, { mitigations: [] }]]))
  const state = { ...STATE, pane: 'mitigations' } as const

  const first = await look(gone.client, state, FACTS, '10:00:00')
  const second = await look(gone.client, state, first, '10:00:09')
  const third = await look(back.client, state, second, '10:00:10')

  assert.deepEqual(second.lost, { since: '10:00:00', why: 'no daemon answers on /x.sock' })
  assert.equal(second.mitigations?.kind, 'told')
  assert.equal(third.lost, undefined)
  assert.deepEqual(third.mitigations, { kind: 'told', value: [] })
})

test('what is not allowed is told in its pane, and of an order why it was not done', async () => {
  const { client } = clientOf(new Map<unknown, unknown>([TRAFFIC]), REFUSED)

  const facts = await look(client, { ...STATE, pane: 'exporters' }, { traffic: EXAMPLE_TRAFFIC }, '10:00:00')
  const notice = await carryOut(client, { kind: 'unban', target: '192.0.2.1' })

  assert.equal(facts.exporters?.kind === 'refused' && facts.exporters.why, 'You may not do this')
  assert.equal(facts.lost, undefined)
  assert.equal(notice, 'End the ban of 192.0.2.1: not done. You may not do this')
})

test('an order is sent as it was confirmed', async () => {
  const { client, asked } = clientOf(
    new Map<unknown, unknown>([
      [ROUTES.ban, EXAMPLE_BAN],
      [ROUTES.withdraw, { outcome: 'over' }],
    ]),
  )

  const banned = await carryOut(client, { kind: 'ban', host: '192.0.2.1', seconds: 600, reason: 'r' })
  const withdrawn = await carryOut(client, { kind: 'withdraw', id: 'm-1', target: '192.0.2.1' })

  assert.match(banned, /^192\.0\.2\.1 is banned until /)
  assert.equal(withdrawn, 'm-1 was over already.')
  assert.deepEqual(asked, [
    { host: '192.0.2.1', seconds: 600, reason: 'r' },
    { id: 'm-1', reason: undefined },
  ])
})
