// Requests that come to no route, because they are no HTTP or their path is none: answered like all others.

import type { Socket } from 'node:net'
import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { problemOf } from './errors.ts'
import { guardingHeaders } from './headers.ts'
import { sendProblem } from './route.ts'

/** Paths the router cannot read: their escapes are wrong, or a part of them is too long. No hook ran before. */
export const refusePath =
  (isTls: boolean) =>
  ({ code }: FastifyError, request: FastifyRequest, reply: FastifyReply): void => {
    const problem = code === 'FST_ERR_MAX_PARAM_LENGTH' ? 'a part of it is too long' : 'it is not a URL'
    reply.header('x-request-id', request.id).headers(guardingHeaders(isTls))
    sendProblem(reply, problemOf('invalid-request', undefined, [{ at: 'path', problem }]))
  }

const STATUS: Readonly<Record<string, string>> = {
  HPE_HEADER_OVERFLOW: '431 Request Header Fields Too Large',
  ERR_HTTP_REQUEST_TIMEOUT: '408 Request Timeout',
}

/** What is no HTTP, or comes too slowly. In the middle of an answer, or before TLS is agreed on, nothing can be said. */
export const refuseClient =
  (isTls: boolean) =>
  (error: Error & { code?: string }, socket: Socket): void => {
    const isOfTls = /^ERR_(?:SSL|TLS)_/.test(error.code ?? '')
    if (isOfTls || error.code === 'ECONNRESET' || !socket.writable || socket.bytesWritten > 0) {
      socket.destroy()
      return
    }
    const headers = { ...guardingHeaders(isTls), connection: 'close', 'content-length': '0' }
    const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`)
    socket.end(`HTTP/1.1 ${STATUS[error.code ?? ''] ?? '400 Bad Request'}\r\n${lines.join('')}\r\n`)
    // Whoever does not read it is not waited for.
    setTimeout(() => socket.destroy(), LINGER_MS).unref()
  }

const LINGER_MS = 1000

/** Of two Host headers a proxy may have gone by the other one (RFC 9112, section 3.2). */
export function refuseTwoHosts(server: FastifyInstance): void {
  server.addHook('onRequest', ({ raw }, reply, done) => {
    if (!hasTwoHosts(raw.rawHeaders)) return done()
    const errors = [{ at: 'Host', problem: 'the header came more than once' }]
    sendProblem(reply, problemOf('invalid-request', undefined, errors))
  })
}

function hasTwoHosts(headers: readonly string[]): boolean {
  let hosts = 0
  for (let at = 0; at < headers.length; at += 2) if (headers[at]?.toLowerCase() === 'host') hosts++
  return hosts > 1
}
