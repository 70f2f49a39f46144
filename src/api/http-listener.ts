// The API on a TCP port, by TLS when it has a certificate. A busy port is reported once and tried again.

import { Server as TlsServer } from 'node:tls'
import type { FastifyInstance } from 'fastify'
import { formatListenAddress, type ListenAddress } from '#lib/listen-address.ts'
import type { Logger } from '#lib/log/logger.ts'
import { keepListening, type Listening, type ListenOutcome } from '#lib/retry-listen.ts'
import type { BareOptions } from './bare-server.ts'
import type { ApiConfig } from './config.ts'
import { readTls, stampOf, TlsWatch } from './tls-files.ts'

export interface HttpOptions {
  /** What listens: `API`. */
  readonly name: string
  readonly listen: ListenAddress
  /** Makes the server that is to listen, anew for each try. */
  readonly build: (bounds: Pick<BareOptions, 'limits' | 'tls'>) => FastifyInstance
  readonly config: Omit<ApiConfig, 'listen' | 'access'>
  readonly log: Logger
  readonly retryMs?: number
  /** It listens when this settles: before the state was read every session would seem to be over. Missing: at once. */
  readonly after?: Promise<unknown>
}

export interface HttpDoor extends Listening {
  /** With the port that the system chose for port 0; undefined while it does not listen. */
  readonly port: number | undefined
  /** Has certificate and key read again when they have changed. */
  lookAtCertificate(): void
}

export function serveHttp(options: HttpOptions): HttpDoor {
  const { listen, config, log, retryMs, after = Promise.resolve() } = options
  const { promise: closed, resolve: close } = Promise.withResolvers<void>()
  let server: FastifyInstance | undefined
  let watch: TlsWatch | undefined
  const name = `${options.name} on ${formatListenAddress(listen)}${config.tls === undefined ? '' : ' (TLS)'}`
  const listening = keepListening({
    ...{ name, log },
    ...(retryMs === undefined ? {} : { retryMs }),
    attempt: async () => {
      // Whether the start comes to something is told elsewhere.
      await Promise.race([after.catch(() => {}), closed])
      const stamp = config.tls === undefined ? '' : stampOf(config.tls)
      const opened = await listenOnce(options)
      if (opened.kind === 'failed') return opened
      const own = opened.server
      server = own
      if (config.tls !== undefined)
        watch = new TlsWatch(config.tls, stamp, log, context => {
          if (own.server instanceof TlsServer) own.server.setSecureContext(context)
        })
      return {
        kind: 'listening',
        listener: {
          close: async () => {
            watch?.stop()
            await own.close()
          },
        },
      }
    },
  })
  return {
    get isListening() {
      return listening.isListening
    },
    get problem() {
      return listening.problem ?? watch?.problem
    },
    get port() {
      const address = listening.isListening ? server?.server.address() : undefined
      return typeof address === 'object' && address !== null ? address.port : undefined
    },
    tried: listening.tried,
    lookAtCertificate: () => watch?.look(),
    close: () => {
      close()
      return listening.close()
    },
  }
}

async function listenOnce({
  listen,
  config,
  build,
}: HttpOptions): Promise<
  { readonly kind: 'opened'; readonly server: FastifyInstance } | Extract<ListenOutcome, { kind: 'failed' }>
> {
  let server: FastifyInstance | undefined
  try {
    const tls = config.tls && {
      ...readTls(config.tls),
      ...(config.tls.clientAuthority === undefined ? {} : { requestCert: true, rejectUnauthorized: false }),
    }
    server = build({ limits: config, ...(tls && { tls }) })
    await server.listen({ host: listen.host, port: listen.port })
    return { kind: 'opened', server }
  } catch (error) {
    await server?.close()
    return { kind: 'failed', error: error instanceof Error ? error.message : String(error) }
  }
}
