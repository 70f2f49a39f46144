// Serves `GET /metrics` over HTTP. Small on purpose: it must never hurt what it measures.

import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createServer } from '#lib/http.ts'
import { formatListenAddress, type ListenAddress } from '#lib/listen-address.ts'
import type { Logger } from '#lib/log/logger.ts'
import type { MetricRegistry } from '#lib/metrics/registry.ts'
import { keepListening, type Listener, type Listening, type ListenOutcome } from '#lib/retry-listen.ts'
import { CONTENT_TYPE, exposition } from './exposition.ts'
import { METRICS, type RequestCounts, requestSource } from './metrics.ts'
import { formatFor } from './negotiate.ts'
import { OPENMETRICS_TYPE, openmetrics } from './openmetrics.ts'

const CONNECTIONS_MAX = 32
const REQUEST_MS = 5000

export interface MetricsServer extends Listening {
  /** Where it listens (with the port the system chose for port 0); undefined while it does not. */
  readonly address: ListenAddress | undefined
}

export interface MetricsServerOptions {
  readonly listen: ListenAddress
  readonly registry: MetricRegistry
  readonly log: Logger
  /** Has values gathered that other threads know, before each answer. It must not fail, nor take long. */
  readonly refresh?: () => Promise<void>
  readonly retryMs?: number
}

/**
 * Serves the registry, and adds the metrics of its own requests to it. A busy port is reported once and tried again;
 * nothing here throws after the call.
 */
export function serveMetrics(options: MetricsServerOptions): MetricsServer {
  const counts: RequestCounts = { served: 0, refused: 0, failed: 0 }
  options.registry.add(METRICS, requestSource(counts))
  let address: ListenAddress | undefined
  const respond = responder(options, counts)
  const listening = keepListening({
    name: `metrics on ${formatListenAddress(options.listen)}`,
    log: options.log,
    ...(options.retryMs === undefined ? {} : { retryMs: options.retryMs }),
    attempt: async () => {
      const { outcome, bound } = await listenOnce(options.listen, respond)
      address = bound
      return outcome
    },
  })
  return {
    get isListening() {
      return listening.isListening
    },
    get problem() {
      return listening.problem
    },
    get address() {
      return listening.isListening ? address : undefined
    },
    tried: listening.tried,
    close: () => listening.close(),
  }
}

type Respond = (request: IncomingMessage, response: ServerResponse) => Promise<void>

function responder({ registry, log, refresh }: MetricsServerOptions, counts: RequestCounts): Respond {
  let lastError = ''
  return async (request, response) => {
    const path = request.url?.split('?')[0]
    if (path !== '/metrics') return refuse(404, 'Metrics are at /metrics.\n')
    if (request.method !== 'GET' && request.method !== 'HEAD') return refuse(405, 'Only GET and HEAD.\n')
    const isOpen = formatFor(request.headers.accept) === 'openmetrics'
    let text: string
    try {
      await refresh?.()
      const families = registry.read()
      text = isOpen ? openmetrics(families) : exposition(families)
    } catch (error) {
      counts.failed++
      const message = error instanceof Error ? error.message : String(error)
      if (message !== lastError) log.error('cannot read metrics', { error })
      lastError = message
      return answer(
        response,
        500,
        'text/plain; charset=utf-8',
        'A metric could not be read; the log says which.\n',
      )
    }
    counts.served++
    response.setHeader('Vary', 'Accept')
    answer(response, 200, isOpen ? OPENMETRICS_TYPE : CONTENT_TYPE, text)

    function refuse(status: number, words: string): void {
      counts.refused++
      if (status === 405) response.setHeader('Allow', 'GET, HEAD')
      answer(response, status, 'text/plain; charset=utf-8', words)
    }
  }
}

/** Node leaves the body out by itself when the request was HEAD. */
function answer(response: ServerResponse, status: number, contentType: string, text: string): void {
  response.writeHead(status, { 'Content-Type': contentType, 'Content-Length': Buffer.byteLength(text) })
  response.end(text)
}

interface Attempt {
  readonly outcome: ListenOutcome
  readonly bound: ListenAddress | undefined
}

function listenOnce({ host, port }: ListenAddress, respond: Respond): Promise<Attempt> {
  const server = createServer(
    { requestTimeout: REQUEST_MS, headersTimeout: REQUEST_MS, keepAliveTimeout: REQUEST_MS },
    respond,
  )
  server.maxConnections = CONNECTIONS_MAX
  server.on('clientError', (_error, socket) => socket.destroy())
  return new Promise(resolve => {
    server.once('error', error =>
      resolve({ outcome: { kind: 'failed', error: error.message }, bound: undefined }),
    )
    server.listen(port, host, () => {
      // An accept can fail later (too many open files): the connection is lost, the server goes on.
      server.removeAllListeners('error').on('error', () => {})
      const { port: boundPort } = server.address() as AddressInfo
      resolve({ outcome: { kind: 'listening', listener: closer(server) }, bound: { host, port: boundPort } })
    })
  })
}

const closer = (server: Server): Listener => ({
  close: () =>
    new Promise(resolve => {
      server.close(() => resolve())
      server.closeAllConnections()
    }),
})
