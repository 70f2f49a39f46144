// Mitigations: the list, one of them, orders of operators, and taking them back.

import type { FastifyRequest } from 'fastify'
import { z } from 'zod'
import type { AttackRecord, RecordFilter } from '#7-mitigation/attack-record.ts'
import { type AttackIds, canBeOurs, readUuid, uuidOf } from '../ids.ts'
import type { PrefixdDesk } from './desk.ts'
import { guardrail, unavailable } from './event-answer.ts'
import { orderOf, orderSchema } from './order-body.ts'
import { presentMitigation } from './present-mitigation.ts'
import {
  addressText,
  holdLength,
  holdOperator,
  pageAsked,
  pageTold,
  queryText,
  readBody,
  uuidIn,
} from './reading.ts'
import { LIVE, STATUSES, type Status, statusOf } from './record-facts.ts'
import { invalid, notFound, Refusal } from './refusal.ts'
import { type DialectRoute, LIST_QUERY } from './route.ts'

const MANY_MAX = 100
const REASON_BYTES_MAX = 1024

const withdrawSchema = z.object({ operator_id: z.string(), reason: z.string() })
const manyIds = z.array(z.string()).describe('At most 100 ids.')
const withdrawManySchema = z.object({ mitigation_ids: manyIds, operator_id: z.string(), reason: z.string() })
const acknowledgeSchema = z.object({ mitigation_ids: manyIds, operator_id: z.string() })

export function mitigationRoutes(desk: PrefixdDesk, ids: AttackIds): readonly DialectRoute[] {
  const desks = { desk, ids }
  return [
    {
      ...{ method: 'GET', path: '/v1/mitigations', role: 'viewer', reach: 'customers', success: 200 },
      summary: 'Mitigations, newest first.',
      query: {
        ...LIST_QUERY,
        status: `Only these, with commas between: ${STATUSES.join(', ')}.`,
        customer_id: 'Only of this customer.',
        victim_ip: 'Only of this address.',
        pop: 'Only at this POP.',
        acknowledged: 'true or false.',
      },
      handle: request => list(desks, request),
    },
    {
      ...{ method: 'POST', path: '/v1/mitigations', role: 'operator', reach: 'customers', success: 201 },
      summary: 'Orders a mitigation.',
      body: orderSchema,
      handle: request => order(desks, request),
    },
    {
      ...{ method: 'GET', path: '/v1/mitigations/:id', role: 'viewer', reach: 'customers', success: 200 },
      summary: 'One mitigation.',
      handle: async request => present(desks, await found(desks, uuidIn(request), request)),
    },
    {
      ...{ method: 'POST', path: '/v1/mitigations/:id/withdraw', role: 'operator', reach: 'customers' },
      success: 200,
      summary: 'Takes a mitigation back; again changes nothing.',
      body: withdrawSchema,
      handle: request => withdrawOne(desks, request),
    },
    {
      ...{ method: 'POST', path: '/v1/mitigations/withdraw', role: 'operator', reach: 'customers' },
      success: 200,
      summary: 'Takes up to 100 mitigations back.',
      body: withdrawManySchema,
      handle: request => withdrawMany(desks, request),
    },
    {
      ...{ method: 'POST', path: '/v1/mitigations/acknowledge', role: 'operator', reach: 'customers' },
      success: 200,
      summary: 'Notes of up to 100 mitigations that somebody has seen them.',
      body: acknowledgeSchema,
      handle: request => acknowledgeMany(desks, request),
    },
  ]
}

export interface Desks {
  readonly desk: PrefixdDesk
  readonly ids: AttackIds
}

export const present = ({ desk, ids }: Desks, record: AttackRecord) =>
  presentMitigation(record, {
    ...{ ids, pop: desk.facts.pop },
    serviceOf: host => desk.facts.ownerOf(host)?.service?.name,
  })

async function list(desks: Desks, request: FastifyRequest) {
  const { limit, offset, cursor, since, until } = pageAsked(request)
  const statuses = statusesOf(queryText(request, 'status'))
  const given = queryText(request, 'victim_ip')
  const host = given === undefined ? undefined : addressText(given)
  const isNone = statuses?.length === 0 || (given !== undefined && host === undefined)
  if (isNone || limit === 0) return { mitigations: [], ...pageTold([], undefined) }
  const customer = queryText(request, 'customer_id')
  const pop = queryText(request, 'pop')
  const acknowledged = acknowledgedOf(queryText(request, 'acknowledged'))
  const filter: RecordFilter = {
    hasMitigations: true,
    ...(statuses?.every(status => LIVE.includes(status)) ? { states: ['open'] } : {}),
    ...(statuses === undefined ? {} : { fits: record => statuses.includes(statusOf(record)) }),
    ...(host === undefined ? {} : { host }),
    ...(customer === undefined ? {} : { customers: [customer] }),
    ...(pop === undefined ? {} : { pop }),
    ...(acknowledged === undefined ? {} : { acknowledged }),
    ...(since === undefined ? {} : { since }),
    ...(until === undefined ? {} : { until }),
  }
  const page = { limit, offset, ...(cursor === undefined ? {} : { cursor }) }
  const { items, next } = await desks.desk.mitigations.list(filter, page, request.identity)
  return { mitigations: items.map(record => present(desks, record)), ...pageTold(items, next) }
}

/** Unknown names are left out; what is left may be nothing. */
const statusesOf = (text: string | undefined): readonly Status[] | undefined =>
  text === undefined
    ? undefined
    : STATUSES.filter(status => text.split(',').some(word => word.trim() === status))

function acknowledgedOf(text: string | undefined): boolean | undefined {
  if (text === undefined || text === 'true' || text === 'false')
    return text === undefined ? undefined : text === 'true'
  throw new Refusal(400, 'Failed to deserialize query string: acknowledged: expected true or false')
}

async function order(desks: Desks, request: FastifyRequest) {
  const body = readBody(request, orderSchema)
  const ordered = orderOf(body)
  const outcome = await desks.desk.mitigations.order(ordered, request.identity)
  if (outcome.kind === 'unavailable') throw unavailable(outcome.reason)
  if (outcome.kind === 'refused') {
    const bits = ordered.target.includes(':') ? 128 : 32
    throw guardrail(outcome.refusals, `${ordered.target}/${bits}`)
  }
  const record = await desks.desk.mitigations.get(outcome.attackId, request.identity)
  if (record === undefined) throw notFound('the mitigation')
  return present(desks, record)
}

/** By what was told before, else by looking through all there are. */
export async function lookUp(
  { desk, ids }: Desks,
  uuid: string,
  { identity }: FastifyRequest,
): Promise<AttackRecord | undefined> {
  if (!canBeOurs(uuid)) return undefined
  const known = ids.attackOf(uuid)
  if (known !== undefined) return await desk.mitigations.get(known, identity)
  return await desk.mitigations.find(attackId => uuidOf(attackId) === uuid, identity)
}

async function found(desks: Desks, uuid: string, request: FastifyRequest): Promise<AttackRecord> {
  const record = await lookUp(desks, uuid, request)
  if (record === undefined) throw notFound(`mitigation ${uuid}`)
  return record
}

/** Who is logged in cannot take another name; a script says in whose name it acts. */
export const operatorOf = ({ identity }: FastifyRequest, operator: string): string =>
  identity.kind === 'user' ? identity.name : operator

async function withdrawOne(desks: Desks, request: FastifyRequest) {
  const { operator_id: operator, reason } = readBody(request, withdrawSchema)
  holdOperator(operator)
  holdLength('reason', reason, REASON_BYTES_MAX)
  const record = await found(desks, uuidIn(request), request)
  const { id } = record.attack
  const because = `${operatorOf(request, operator)}: ${reason}`
  await desks.desk.mitigations.withdraw(id, because, request.identity)
  return present(desks, (await desks.desk.mitigations.get(id, request.identity)) ?? record)
}

interface ItemResult {
  readonly mitigation_id: string
  readonly status: string
  readonly error?: string
}

/** One after another: each says what became of it, and none stops the others. */
async function eachOf(
  desks: Desks,
  request: FastifyRequest,
  uuids: readonly string[],
  word: string,
  act: (record: AttackRecord) => Promise<string | undefined>,
): Promise<{ readonly done: number; readonly failed: number; readonly results: readonly ItemResult[] }> {
  if (uuids.length > MANY_MAX) throw invalid(`at most ${MANY_MAX} mitigation_ids, got ${uuids.length}`)
  const results: ItemResult[] = []
  for (const text of uuids) {
    const uuid = readUuid(text)
    const record = uuid === undefined ? undefined : await lookUp(desks, uuid, request)
    const error = record === undefined ? 'mitigation not found' : await act(record)
    results.push(
      error === undefined
        ? { mitigation_id: text, status: word }
        : { mitigation_id: text, status: 'error', error },
    )
  }
  const failed = results.filter(({ status }) => status === 'error').length
  return { done: results.length - failed, failed, results }
}

async function withdrawMany(desks: Desks, request: FastifyRequest) {
  const { mitigation_ids: uuids, operator_id: operator, reason } = readBody(request, withdrawManySchema)
  holdOperator(operator)
  holdLength('reason', reason, REASON_BYTES_MAX)
  const because = `${operatorOf(request, operator)}: ${reason}`
  const { done, failed, results } = await eachOf(desks, request, uuids, 'withdrawn', async ({ attack }) => {
    await desks.desk.mitigations.withdraw(attack.id, because, request.identity)
    return undefined
  })
  return { withdrawn: done, failed, results }
}

async function acknowledgeMany(desks: Desks, request: FastifyRequest) {
  const { mitigation_ids: uuids, operator_id: operator } = readBody(request, acknowledgeSchema)
  holdOperator(operator)
  const name = operatorOf(request, operator)
  const { done, failed, results } = await eachOf(desks, request, uuids, 'acknowledged', async record => {
    if (statusOf(record) === 'rejected') return 'a rejected mitigation cannot be acknowledged'
    const isNew = await desks.desk.mitigations.acknowledge(record.attack.id, name, request.identity)
    return isNew ? undefined : 'acknowledged already'
  })
  return { acknowledged: done, failed, results }
}
