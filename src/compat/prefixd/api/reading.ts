// What a request of prefixd's API says: its body by a schema, its query, its path.

import type { FastifyRequest } from 'fastify'
import type { z } from 'zod'
import { formatAddress, parseAddress } from '#lib/ip/address.ts'
import { rawBody } from '../../http-dialect.ts'
import { readUuid } from '../ids.ts'
import { invalid, Refusal } from './refusal.ts'
import { readJson } from './tolerant-json.ts'

/** 415 when it is not said to be JSON, 400 when it is none, 422 when it does not fit, with the place. */
export function readBody<Schema extends z.ZodType>(
  request: FastifyRequest,
  schema: Schema,
): z.output<Schema> {
  if (!/^application\/(?:[^;\s]*\+)?json\s*(?:;|$)/i.test(request.headers['content-type'] ?? ''))
    throw new Refusal(415, 'Expected request with `Content-Type: application/json`')
  const read = readJson(rawBody(request).toString('utf8'))
  if (read.kind === 'failed')
    throw new Refusal(400, `Failed to parse the request body as JSON: ${read.problem}`)
  const parsed = schema.safeParse(read.value)
  if (parsed.success) return parsed.data
  const [issue] = parsed.error.issues
  const at = issue === undefined || issue.path.length === 0 ? '' : `${issue.path.join('.')}: `
  throw new Refusal(
    422,
    `Failed to deserialize the JSON body into the target type: ${at}${issue?.message ?? 'it does not fit'}`,
  )
}

/** As `readBody`, where what does not fit is 400, too. */
export function readMalformed<Schema extends z.ZodType>(
  request: FastifyRequest,
  schema: Schema,
): z.output<Schema> {
  try {
    return readBody(request, schema)
  } catch (error) {
    if (error instanceof Refusal && error.statusCode === 422) throw new Refusal(400, error.message)
    throw error
  }
}

/** Of a query parameter that stands there twice the last counts. */
export function queryText(request: FastifyRequest, name: string): string | undefined {
  const { query } = request
  const given: unknown =
    typeof query === 'object' && query !== null
      ? Object.getOwnPropertyDescriptor(query, name)?.value
      : undefined
  const last: unknown = Array.isArray(given) ? given.at(-1) : given
  return typeof last === 'string' ? last : undefined
}

export function queryNumber(request: FastifyRequest, name: string): number | undefined {
  const text = queryText(request, name)
  if (text === undefined) return undefined
  if (!/^\d{1,15}$/.test(text))
    throw new Refusal(400, `Failed to deserialize query string: ${name}: no number`)
  return Number(text)
}

export function queryMoment(request: FastifyRequest, name: string): number | undefined {
  const text = queryText(request, name)
  if (text === undefined) return undefined
  const at = momentOf(text)
  if (at === undefined)
    throw new Refusal(400, `Failed to deserialize query string: ${name}: expected a time (RFC 3339)`)
  return at
}

const RFC_3339 = /^\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d:\d\d(?:\.\d{1,9})?(?:[Zz]|[+-]\d\d:\d\d)$/

/** Wall clock ms of a time with its offset (RFC 3339); `undefined`: it is none. */
export function momentOf(text: string): number | undefined {
  if (!RFC_3339.test(text)) return undefined
  const at = Date.parse(text.replace(' ', 'T').toUpperCase())
  return Number.isNaN(at) ? undefined : at
}

const LIMIT = 100
const LIMIT_MAX = 1000

export interface PageAsked {
  readonly limit: number
  readonly offset: number
  readonly cursor: string | undefined
  readonly since: number | undefined
  readonly until: number | undefined
}

/** What every list takes: `limit`, `offset` or `cursor`, `start` and `end`. */
export const pageAsked = (request: FastifyRequest): PageAsked => ({
  limit: Math.min(queryNumber(request, 'limit') ?? LIMIT, LIMIT_MAX),
  offset: queryNumber(request, 'offset') ?? 0,
  cursor: queryText(request, 'cursor') || undefined,
  since: queryMoment(request, 'start'),
  until: queryMoment(request, 'end'),
})

/** What every list answers beside its items. */
export const pageTold = (items: readonly unknown[], next: string | undefined) => ({
  count: items.length,
  next_cursor: next ?? null,
  has_more: next !== undefined,
})

export function parameter({ params }: FastifyRequest, name: string): string {
  const given: unknown =
    typeof params === 'object' && params !== null
      ? Object.getOwnPropertyDescriptor(params, name)?.value
      : undefined
  return typeof given === 'string' ? given : ''
}

export function uuidIn(request: FastifyRequest): string {
  const uuid = readUuid(parameter(request, 'id'))
  if (uuid === undefined) throw new Refusal(400, 'Invalid URL: the id is no UUID')
  return uuid
}

/** Canonical text of an address. */
export function addressText(text: string): string | undefined {
  const address = parseAddress(text)
  return address && formatAddress(address)
}

/** At most so many bytes, as prefixd counts them. */
export function holdLength(name: string, text: string, most: number): void {
  if (Buffer.byteLength(text) > most) throw invalid(`${name} exceeds maximum length of ${most} characters`)
}

/** Who says he does it: needed in each order, 1 to 64 bytes. */
export function holdOperator(text: string): void {
  if (text === '') throw invalid('operator_id must not be empty')
  holdLength('operator_id', text, 64)
}
