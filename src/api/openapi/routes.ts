// Serves the contract itself: for programs, and for people.

import type { FastifyInstance } from 'fastify'
import { VERSION } from '#lib/version.ts'
import type { AccessRule } from '../contract/access.ts'
import { openApiDocument } from './document.ts'
import { PAGE_POLICY, referencePage } from './reference-page.ts'

const PATHS = { document: '/api/v1/openapi.json', page: '/api/v1/reference' } as const

export const OPENAPI_RULES: readonly AccessRule[] = Object.values(PATHS).map(path => ({
  ...{ method: 'GET', path, role: 'public', reach: 'everything' },
}))

export function addOpenApiRoutes(server: FastifyInstance): void {
  // Made when the first asks: most daemons are never asked.
  let made: { readonly document: string; readonly page: string } | undefined
  const make = () => {
    if (made !== undefined) return made
    const document = openApiDocument(VERSION)
    made = { document: JSON.stringify(document), page: referencePage(document) }
    return made
  }
  server.get(PATHS.document, (_request, reply) => reply.type('application/json').send(make().document))
  server.get(PATHS.page, (_request, reply) =>
    reply.type('text/html; charset=utf-8').header('content-security-policy', PAGE_POLICY).send(make().page),
  )
}
