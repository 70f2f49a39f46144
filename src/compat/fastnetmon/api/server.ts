// Serves FastNetMon's gRPC interface. The packages of gRPC are loaded only when somebody wants it.

import { formatListenAddress, type ListenAddress } from '#lib/listen-address.ts'
import type { Logger } from '#lib/log/logger.ts'
import { keepListening, type Listening } from '#lib/retry-listen.ts'
import type { FastnetmonDesk } from './desk.ts'
import type { ApiCounts } from './metrics.ts'

export interface FastnetmonApiOptions {
  readonly listen: ListenAddress
  readonly desk: FastnetmonDesk
  readonly counts: ApiCounts
  readonly log: Logger
}

/** Clients ask and go; so many at the same time are none of an operator's. */
const CONNECTIONS_MAX = 16

/** A busy port is tried again until it is free. */
export function serveFastnetmonApi({ listen, desk, counts, log }: FastnetmonApiOptions): Listening {
  return keepListening({
    name: `FastNetMon's gRPC interface on ${formatListenAddress(listen)}`,
    log,
    attempt: async () => {
      const [{ listenGrpc }, { fastnetmonServices }] = await Promise.all([
        import('#lib/grpc/grpc-server.ts'),
        import('./answers.ts'),
      ])
      const refused = () => counts.refused()
      return listenGrpc(listen, fastnetmonServices(desk), { connectionsMax: CONNECTIONS_MAX, refused })
    },
  })
}
