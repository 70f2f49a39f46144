// What prefixd's API is, as OpenAPI 3.1: made from the routes themselves.

import { z } from 'zod'
import type { DialectRoute } from './route.ts'

export function openapiRoute(routes: readonly DialectRoute[], version: () => string): DialectRoute {
  let made: unknown
  const route: DialectRoute = {
    ...{ method: 'GET', path: '/openapi.json', role: 'public', reach: 'everything', success: 200 },
    summary: 'This description.',
    handle: async () => {
      made ??= describe([...routes, route], version())
      return made
    },
  }
  return route
}

function describe(routes: readonly DialectRoute[], version: string) {
  const paths: Record<string, Record<string, unknown>> = {}
  for (const route of routes) {
    const path = route.path.replace(/:([a-z]+)/g, '{$1}')
    paths[path] = { ...paths[path], [route.method.toLowerCase()]: operationOf(route) }
  }
  return {
    openapi: '3.1.0',
    info: { title: 'prefixd API', version, description: "prefixd's API as Floodwarden serves it." },
    paths,
    components: {
      securitySchemes: {
        bearer: { type: 'http', scheme: 'bearer' },
        session: { type: 'apiKey', in: 'cookie', name: 'session' },
      },
      schemas: {
        Error: { type: 'object', properties: { error: { type: 'string' } }, required: ['error'] },
      },
    },
  }
}

function operationOf({ path, summary, success, body, query = {}, role }: DialectRoute) {
  const named = [...path.matchAll(/:([a-z]+)/g)].map(([, name]) => ({
    ...{ name, in: 'path', required: true, schema: { type: 'string' } },
  }))
  const asked = Object.entries(query).map(([name, description]) => ({
    ...{ name, in: 'query', description, schema: { type: 'string' } },
  }))
  return {
    summary,
    ...(named.length + asked.length === 0 ? {} : { parameters: [...named, ...asked] }),
    ...(body === undefined
      ? {}
      : {
          requestBody: {
            required: true,
            content: {
              'application/json': { schema: z.toJSONSchema(body, { io: 'input', unrepresentable: 'any' }) },
            },
          },
        }),
    responses: {
      [success]: { description: 'Done.' },
      default: {
        description: 'Refused.',
        content: { 'application/json': { schema: { $ref: '#/components/schemas/Error' } } },
      },
    },
    security: role === 'public' ? [] : [{ bearer: [] }, { session: [] }],
  }
}
