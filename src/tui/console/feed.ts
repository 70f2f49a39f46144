// Asks the daemon what the console shows now, and does what is ordered. Nothing here rejects.

import type { Client, Reply } from '#api/contract/client.ts'
import { failureText } from '#api/contract/failure-text.ts'
import { ROUTES } from '#api/contract/routes.ts'
import { momentText } from '#lib/clock/local-time.ts'
import { type Order, orderText } from './dialog.ts'
import { rowsOf } from './rows.ts'
import type { ConsoleState, Facts, Told } from './state.ts'

/** Rows of a pane that are asked for. */
const ROWS_MAX = 500

/** The facts after one look at what the state shows; `clock` is the time now, as text. Facts that cannot be had stay as they were. */
export async function look(client: Client, state: ConsoleState, facts: Facts, clock: string): Promise<Facts> {
  const { sort, limit } = state
  const [traffic, more] = await Promise.all([
    client.call(ROUTES.traffic, { sort, limit }),
    lookAtPane(client, state, facts),
  ])
  const { lost, ...kept } = facts
  if (traffic.kind === 'ok') return { ...kept, ...more, traffic: traffic.value }
  const why = failureText(traffic.failure).split('\n')[0] ?? ''
  return { ...kept, ...more, lost: { since: lost?.since ?? clock, why } }
}

async function lookAtPane(client: Client, state: ConsoleState, facts: Facts): Promise<Partial<Facts>> {
  const explanation = lookAtDetails(client, state, facts)
  const rows = await lookAtRows(client, state, facts)
  return { ...rows, ...(await explanation) }
}

async function lookAtRows(
  client: Client,
  { pane, isAll }: ConsoleState,
  facts: Facts,
): Promise<Partial<Facts>> {
  switch (pane) {
    case 'traffic':
      return {}
    case 'attacks': {
      const asked = { state: isAll ? 'all' : 'open', limit: ROWS_MAX } as const
      const reply = await client.call(ROUTES.attacks, asked)
      return { attacks: told(reply, ({ attacks }) => attacks, facts.attacks) }
    }
    case 'mitigations': {
      const asked = { limit: ROWS_MAX, ...(isAll ? {} : { state: 'live' }) }
      const reply = await client.call(ROUTES.mitigations, asked)
      return { mitigations: told(reply, ({ mitigations }) => mitigations, facts.mitigations) }
    }
    case 'exporters': {
      const reply = await client.call(ROUTES.exporters, { limit: ROWS_MAX })
      return { exporters: told(reply, value => value, facts.exporters) }
    }
  }
}

async function lookAtDetails(client: Client, state: ConsoleState, facts: Facts): Promise<Partial<Facts>> {
  const { over } = state
  if (over?.kind !== 'details') return {}
  const subject = rowsOf(state, facts).find(({ key }) => key === over.key)?.subject
  if (subject === undefined) return {}
  const before = facts.explanation?.subject === subject ? facts.explanation.told : undefined
  const reply = await client.call(ROUTES.explain, { subject })
  return { explanation: { subject, told: told(reply, value => value, before) } }
}

/** A refusal is told. When the daemon does not answer, what it said before stays: the console says that it is old. */
function told<Value, Of>(
  reply: Reply<Value>,
  take: (value: Value) => Of,
  before: Told<Of> | undefined,
): Told<Of> {
  if (reply.kind === 'ok') return { kind: 'told', value: take(reply.value) }
  if (reply.failure.kind !== 'refused' && before !== undefined) return before
  return { kind: 'refused', why: failureText(reply.failure).split('\n')[0] ?? '' }
}

/** Has it done; what came of it, in words. */
export async function carryOut(client: Client, order: Order): Promise<string> {
  switch (order.kind) {
    case 'ban': {
      const { host, seconds, reason } = order
      const reply = await client.call(ROUTES.ban, { host, seconds, reason })
      return outcome(order, reply, ({ endsAt, decision }) => {
        const until = endsAt === undefined ? 'somebody ends it' : momentText(Date.parse(endsAt))
        return `${host} is banned until ${until}: ${decision}`
      })
    }
    case 'unban': {
      const reply = await client.call(ROUTES.unban, { host: order.target, reason: order.reason })
      return outcome(order, reply, () => `${order.target} is no longer banned.`)
    }
    case 'withdraw': {
      const reply = await client.call(ROUTES.withdraw, { id: order.id, reason: order.reason })
      return outcome(order, reply, ({ outcome }) =>
        outcome === 'over' ? `${order.id} was over already.` : `${order.id} is taken back.`,
      )
    }
  }
}

function outcome<Value>(order: Order, reply: Reply<Value>, words: (value: Value) => string): string {
  if (reply.kind === 'ok') return words(reply.value)
  return `${orderText(order)}: not done. ${failureText(reply.failure).split('\n')[0] ?? ''}`
}
