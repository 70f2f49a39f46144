// A gRPC server that is bounded: message sizes, streams of a connection, connections, and how long they may idle.

import {
  Server,
  ServerCredentials,
  type ServiceDefinition,
  type UntypedServiceImplementation,
} from '@grpc/grpc-js'
import { formatListenAddress, type ListenAddress } from '#lib/listen-address.ts'
import type { ListenOutcome } from '#lib/retry-listen.ts'

export interface OfferedService {
  readonly definition: ServiceDefinition
  readonly implementation: UntypedServiceImplementation
}

const OPTIONS = {
  'grpc.max_receive_message_length': 4096,
  'grpc.max_send_message_length': 1 << 20,
  'grpc.max_concurrent_streams': 16,
  'grpc.max_connection_idle_ms': 300_000,
  'grpc.max_connection_age_ms': 3_600_000,
  'grpc.so_reuseport': 0,
}

/** Binds without encryption; failed when the address is busy or may not be used. */
export function listenGrpc(
  listen: ListenAddress,
  services: readonly OfferedService[],
): Promise<ListenOutcome> {
  const server = new Server(OPTIONS)
  for (const { definition, implementation } of services) server.addService(definition, implementation)
  const { promise, resolve } = Promise.withResolvers<ListenOutcome>()
  server.bindAsync(formatListenAddress(listen), ServerCredentials.createInsecure(), error => {
    if (error !== null) return resolve({ kind: 'failed', error: error.message })
    resolve({ kind: 'listening', listener: { close: () => closeServer(server) } })
  })
  return promise
}

const CLOSE_MS = 1000

/** What is under way is answered; after a second it is cut off. */
function closeServer(server: Server): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>()
  const late = setTimeout(() => server.forceShutdown(), CLOSE_MS)
  server.tryShutdown(() => {
    clearTimeout(late)
    resolve()
  })
  return promise
}
