// Serves FastNetMon's gRPC interface. The packages of gRPC are loaded only when somebody wants it.

import { formatListenAddress, type ListenAddress } from '#lib/listen-address.ts'
import type { Logger } from '#lib/log/logger.ts'
import { keepListening, type Listening } from '#lib/retry-listen.ts'
import type { FastnetmonDesk } from './desk.ts'

export interface FastnetmonApiOptions {
  readonly listen: ListenAddress
  readonly desk: FastnetmonDesk
  readonly log: Logger
}

/** A busy port is tried again until it is free. */
export function serveFastnetmonApi({ listen, desk, log }: FastnetmonApiOptions): Listening {
  return keepListening({
    name: `FastNetMon's gRPC interface on ${formatListenAddress(listen)}`,
    log,
    attempt: async () => {
      const [{ listenGrpc }, { fastnetmonServices }] = await Promise.all([
        import('#lib/grpc/grpc-server.ts'),
        import('./answers.ts'),
      ])
      return listenGrpc(listen, fastnetmonServices(desk))
    },
  })
}
