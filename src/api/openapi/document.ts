// The contract as an OpenAPI 3.1 document (JSON Schema 2020-12), made from the same table that server and clients read.

import { z } from 'zod'
import { SESSION_COOKIE } from '../access/cookies.ts'
import type { AccessRule } from '../contract/access.ts'
import { NATIVE_RULES } from '../contract/access-table.ts'
import { BACKUP } from '../contract/backup.ts'
import { CAPTURE } from '../contract/capture.ts'
import { LIVE, liveInput, liveMessageSchema } from '../contract/live.ts'
import { PROBLEM_TYPE, problemSchema } from '../contract/problem.ts'
import { type Route, takesBody } from '../contract/route.ts'
import { ROUTES } from '../contract/routes.ts'
import { heedsKey } from '../idempotent-requests.ts'

type Json = { readonly [key: string]: unknown }

export interface Operation extends Json {
  readonly operationId: string
  readonly summary: string
  readonly tags: readonly string[]
}

export interface OpenApi extends Json {
  readonly openapi: '3.1.0'
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>
}

const PROBLEM = { $ref: '#/components/schemas/Problem' }
const PROBLEM_ANSWER = {
  description: 'Refused, with the reason and what to do (RFC 9457).',
  content: { [PROBLEM_TYPE]: { schema: PROBLEM } },
}

/** `version` is that of the program. */
export function openApiDocument(version: string): OpenApi {
  const paths: Record<string, Record<string, Operation>> = {}
  const add = (method: string, path: string, operation: Operation) => {
    const place = path.replace(/:(\w+)/g, '{$1}')
    paths[place] = { ...paths[place], [method.toLowerCase()]: operation }
  }
  for (const [name, route] of Object.entries<Route>(ROUTES))
    add(route.method, route.path, operationOf(name, route))
  add(BACKUP.method, BACKUP.path, backupOperation())
  add(CAPTURE.method, CAPTURE.path, captureOperation())
  add(LIVE.method, LIVE.path, liveOperation())
  return {
    openapi: '3.1.0',
    info: {
      title: 'Floodwarden API',
      version,
      description: 'Watches a network, finds DDoS floods within a second, explains them, and stops them.',
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    servers: [{ url: '/', description: 'The daemon that serves this document.' }],
    security: [{ token: [] }, { session: [] }, { certificate: [] }],
    paths: Object.fromEntries(Object.entries(paths).sort(([a], [b]) => (a < b ? -1 : 1))),
    components: { securitySchemes: SCHEMES, schemas: { Problem: schemaOf(problemSchema, 'output') } },
  }
}

const SCHEMES = {
  token: {
    type: 'http',
    scheme: 'bearer',
    description: 'A token of floodwarden tokens add, or the shared one.',
  },
  session: {
    ...{ type: 'apiKey', in: 'cookie', name: SESSION_COOKIE },
    description: 'Set by logging in; what changes something also needs the header X-CSRF-Token.',
  },
  certificate: {
    type: 'mutualTLS',
    description: 'A client certificate that api.tls.clientAuthority signed.',
  },
}

function operationOf(name: string, route: Route): Operation {
  const input = inputShape(route.input)
  const inPath = [...route.path.matchAll(/:(\w+)/g)].map(([, parameter = '']) => parameter)
  const rest = Object.entries(input.properties).filter(([field]) => !inPath.includes(field))
  const hasBody = takesBody(route.method)
  const required = new Set(input.required)
  const parameters = [
    ...inPath.map(field => parameterOf('path', field, input.properties[field] ?? { type: 'string' }, true)),
    ...(hasBody
      ? []
      : rest.map(([field, schema]) => parameterOf('query', field, schema, required.has(field)))),
    ...(heedsKey(route.method, route.path) ? [KEY_PARAMETER] : []),
  ]
  const body = {
    type: 'object',
    properties: Object.fromEntries(rest),
    required: rest.map(([field]) => field).filter(field => required.has(field)),
    additionalProperties: false,
  }
  return {
    ...{ operationId: name, summary: route.summary, tags: [tagOf(route.path)] },
    ...demandOf(route.method, route.path),
    ...(parameters.length === 0 ? {} : { parameters }),
    ...(hasBody && rest.length > 0
      ? {
          requestBody: {
            required: body.required.length > 0,
            content: { 'application/json': { schema: body } },
          },
        }
      : {}),
    responses: {
      [route.success]: {
        description: 'Done.',
        content: { 'application/json': { schema: schemaOf(route.output, 'output') } },
      },
      default: PROBLEM_ANSWER,
    },
  }
}

const KEY_PARAMETER = {
  ...{ name: 'Idempotency-Key', in: 'header', required: false },
  description: 'Sent again with the same key, it is done once and answered as before.',
  schema: { type: 'string', maxLength: 255 },
}

interface InputShape {
  readonly properties: Readonly<Record<string, Json>>
  readonly required: readonly string[]
}

/** Every input is one flat object. */
function inputShape(input: z.ZodType): InputShape {
  const { properties = {}, required = [] } = schemaOf(input, 'input') as Partial<InputShape>
  return { properties, required }
}

/** Without the marks of the document it would be by itself. What refers to itself, as JSON does, is any value. */
function schemaOf(schema: z.ZodType, io: 'input' | 'output'): Json {
  const whole = z.toJSONSchema(schema, { io, unrepresentable: 'any' }) as Json
  const { $schema: _, '~standard': __, $defs: ___, ...shape } = whole
  return JSON.parse(
    JSON.stringify(shape, (_key, value: unknown) => (isReference(value) ? {} : value)),
  ) as Json
}

const isReference = (value: unknown): boolean =>
  typeof value === 'object' && value !== null && '$ref' in value

function parameterOf(place: 'path' | 'query', name: string, schema: Json, required: boolean): Json {
  const { description, ...rest } = schema
  return { name, in: place, required, ...(description === undefined ? {} : { description }), schema: rest }
}

/** By the word after the version. */
const tagOf = (path: string): string => path.split('/')[3] ?? ''

const ruleOf = (method: string, path: string): AccessRule | undefined =>
  NATIVE_RULES.find(rule => rule.method === method && rule.path === path)

function demandOf(method: string, path: string): Json {
  const rule = ruleOf(method, path)
  if (rule === undefined || rule.role === 'public') return { security: [], 'x-role': 'public' }
  return { 'x-role': rule.role, 'x-reach': rule.reach }
}

const backupOperation = (): Operation => ({
  ...{ operationId: 'backup', summary: 'An archive of state and configuration.', tags: [tagOf(BACKUP.path)] },
  ...demandOf(BACKUP.method, BACKUP.path),
  responses: {
    200: { description: 'The archive.', content: { [BACKUP.type]: {} } },
    default: PROBLEM_ANSWER,
  },
})

const captureOperation = (): Operation => ({
  ...{ operationId: 'capture', summary: 'The packets of an attack as a pcap.', tags: [tagOf(CAPTURE.path)] },
  ...demandOf(CAPTURE.method, CAPTURE.path),
  parameters: [parameterOf('path', 'id', { type: 'string' }, true)],
  responses: {
    200: { description: 'Those of the commonest link layer.', content: { [CAPTURE.type]: {} } },
    default: PROBLEM_ANSWER,
  },
})

function liveOperation(): Operation {
  const { properties, required } = inputShape(liveInput)
  return {
    ...{
      operationId: 'live',
      summary: 'What happens, as it happens: a WebSocket (RFC 6455).',
      tags: [tagOf(LIVE.path)],
    },
    ...demandOf(LIVE.method, LIVE.path),
    parameters: Object.entries(properties).map(([field, schema]) =>
      parameterOf('query', field, schema, required.includes(field)),
    ),
    responses: {
      101: {
        description: 'Each message is one JSON object.',
        content: { 'application/json': { schema: schemaOf(liveMessageSchema, 'output') } },
      },
      default: PROBLEM_ANSWER,
    },
  }
}
