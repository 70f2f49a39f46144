// The body of a request of DDPS's API: JSON, whatever its sender calls it; DDPS's own client calls it a form.

import { isUtf8 } from 'node:buffer'
import type { FastifyRequest } from 'fastify'
import { nestsTooDeep } from '#lib/json-nesting.ts'
import { rawBody } from '../../http-dialect.ts'

/** `undefined`: it is no JSON. */
export function readJson(request: Pick<FastifyRequest, 'body'>): unknown {
  const bytes = rawBody(request)
  if (!isUtf8(bytes)) return undefined
  const text = bytes.toString('utf8')
  if (nestsTooDeep(text)) return undefined
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
