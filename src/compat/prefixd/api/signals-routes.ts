// Signals of other systems: Alertmanager, FastNetMon, and webhooks that the configuration describes.

import type { FastifyRequest } from 'fastify'
import { z } from 'zod'
import type { ForeignEvent } from '#4-detection/foreign-event.ts'
import type { EventOutcome } from '#7-mitigation/event-outcome.ts'
import type { Identity } from '#api/contract/access.ts'
import { rawBody } from '../../http-dialect.ts'
import type { AttackIds } from '../ids.ts'
import { unavailable } from './event-answer.ts'
import { parameter, readBody, readMalformed } from './reading.ts'
import { type Receiving, take, takeAndAnswer } from './receiving.ts'
import { invalid, notFound, Refusal } from './refusal.ts'
import type { DialectRoute } from './route.ts'
import type { Adapter } from './signals-adapter.ts'
import { alertmanagerSchema, mapAlerts } from './signals-alertmanager.ts'
import { hasToken, isSigned } from './signals-auth.ts'
import { fastnetmonSchema, mapFastnetmon } from './signals-fastnetmon.ts'
import type { Mapped } from './signals-mapped.ts'

/** What signals need beside the desk of events. */
export interface SignalDesk {
  /** Of the configuration, by name; only those that are enabled. */
  adapter(name: string): Adapter | undefined
  /** Text of an environment variable; `undefined`: there is none. */
  secret(variable: string): string | undefined
  /** 0 to 1 by the words of a source, where the configuration says them. */
  confidences(source: string): Readonly<Record<string, number>>
}

export function signalRoutes(receiving: Receiving, signals: SignalDesk): readonly DialectRoute[] {
  const { ids } = receiving
  const { events, facts } = receiving.desk
  const knows = (name: string) => events.knowsVector(name)
  const receiveAll = async (mapped: readonly Mapped[], by: Identity) => {
    const results: Item[] = []
    // In turn, so that the second report of a host extends what the first began.
    for (const [index, one] of mapped.entries())
      results.push({
        index,
        ...(one.kind === 'wrong'
          ? { status: 'error', error: one.error }
          : itemOf(one.event, await take(receiving, one.event, by), ids)),
      })
    const failed = results.filter(({ status }) => status === 'error').length
    return { processed: results.length - failed, failed, results }
  }
  return [
    {
      ...{ method: 'POST', path: '/v1/signals/alertmanager', role: 'operator', reach: 'customers' },
      ...{ success: 200, summary: 'Alerts of Alertmanager.', body: alertmanagerSchema },
      handle: async request => {
        const body = readMalformed(request, alertmanagerSchema)
        return await receiveAll(mapAlerts(body, knows, facts.now()), request.identity)
      },
    },
    {
      ...{ method: 'POST', path: '/v1/signals/fastnetmon', role: 'operator', reach: 'customers' },
      ...{ success: 202, summary: 'What FastNetMon tells its webhooks.', body: fastnetmonSchema },
      handle: async request => {
        const body = readBody(request, fastnetmonSchema)
        const mapped = mapFastnetmon(body, facts.now(), signals.confidences('fastnetmon'))
        if (mapped.kind === 'invalid') throw invalid(mapped.error)
        return await takeAndAnswer(receiving, mapped.event, request.identity)
      },
    },
    {
      ...{ method: 'POST', path: '/v1/signals/webhook/:name', role: 'public', reach: 'everything' },
      ...{
        success: 200,
        summary: 'Any JSON, read as the webhook of this name describes.',
        body: z.unknown(),
      },
      handle: async request => {
        const adapter = signals.adapter(parameter(request, 'name'))
        if (adapter === undefined) throw notFound('no such webhook')
        holdSender(request, adapter, signals)
        return await receiveAll(adapter.map(readMalformed(request, z.unknown()), knows, facts.now()), {
          ...{ kind: 'token', name: `webhook ${adapter.config.name}`, id: '', role: 'operator' },
        })
      },
    },
  ]
}

function holdSender(request: FastifyRequest, { config: { auth, name } }: Adapter, signals: SignalDesk): void {
  if (auth.type === 'none') return
  const secret = signals.secret(auth.secretEnv)
  if (secret === undefined || secret === '') throw unavailable(`the secret of webhook ${name} is not set`)
  const { headers } = request
  const header = auth.type === 'hmac' ? headers[auth.header.toLowerCase()] : headers.authorization
  const text = typeof header === 'string' ? header : undefined
  const isFine = auth.type === 'hmac' ? isSigned(text, secret, rawBody(request)) : hasToken(text, secret)
  if (!isFine) throw new Refusal(401, 'unauthorized: authentication required')
}

interface Item {
  readonly index: number
  readonly status: string
  readonly event_id?: string
  readonly mitigation_id?: string
  readonly error?: string
}

function itemOf(event: ForeignEvent, outcome: EventOutcome, ids: AttackIds): Omit<Item, 'index'> {
  const attackId = 'attackId' in outcome ? outcome.attackId : undefined
  const item = (status: string): Omit<Item, 'index'> => ({
    status,
    ...('eventId' in outcome ? { event_id: outcome.eventId } : {}),
    ...(attackId === undefined ? {} : { mitigation_id: ids.tell(attackId) }),
  })
  switch (outcome.kind) {
    case 'accepted':
    case 'extended':
    case 'duplicate':
    case 'withdrawn':
      return item(outcome.kind)
    case 'not-ours':
      return item('accepted_no_mitigation')
    case 'waiting':
      return item('accepted')
    case 'corroborating-only':
      return { status: 'error', error: 'its source is corroborating only' }
    case 'no-playbook':
      return item('accepted_no_playbook')
    case 'no-active':
    case 'unknown-event':
    case 'no-external-id':
      return item('withdrawn_noop')
    case 'refused': {
      const reasons = outcome.refusals.map(({ reason }) => reason).join('; ')
      return { ...item('error'), error: `guardrail violation: ${event.host}: ${reasons}` }
    }
    case 'unavailable':
      return { ...item('error'), error: `service shutting down: ${outcome.reason}` }
  }
}
