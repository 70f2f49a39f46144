// A gRPC server that is bounded: message sizes, streams of a connection, connections, and how long they may idle.

import { createServer } from 'node:net'
import {
  Server,
  ServerCredentials,
  type ServiceDefinition,
  type UntypedServiceImplementation,
} from '@grpc/grpc-js'
import type { ListenAddress } from '#lib/listen-address.ts'
import type { ListenOutcome } from '#lib/retry-listen.ts'

export interface OfferedService {
  readonly definition: ServiceDefinition
  readonly implementation: UntypedServiceImplementation
}

const OPTIONS = {
  'grpc.max_receive_message_length': 4096,
  'grpc.max_send_message_length': 1 << 20,
  'grpc.max_concurrent_streams': 16,
  'grpc.max_connection_idle_ms': 30_000,
  'grpc.max_connection_age_ms': 3_600_000,
}

export interface GrpcBounds {
  /** Connections at the same time; further ones are closed as soon as they are made. */
  readonly connectionsMax: number
  /** Told of each connection that was one too many. */
  readonly refused: () => void
}

/** Binds without encryption; failed when the address is busy or may not be used. */
export function listenGrpc(
  listen: ListenAddress,
  services: readonly OfferedService[],
  bounds: GrpcBounds,
): Promise<ListenOutcome> {
  const server = new Server(OPTIONS)
  for (const { definition, implementation } of services) server.addService(definition, implementation)
  const { promise, resolve } = Promise.withResolvers<ListenOutcome>()
  // The library has no bound for connections: the door is ours, and what comes through it is handed on.
  const injector = server.createConnectionInjector(ServerCredentials.createInsecure())
  const door = createServer(socket => injector.injectConnection(socket))
  door.maxConnections = bounds.connectionsMax
  door.on('drop', bounds.refused)
  door.on('error', error => resolve({ kind: 'failed', error: error.message }))
  const close = async (): Promise<void> => {
    door.close()
    await closeServer(server)
  }
  door.listen(listen.port, listen.host, () => resolve({ kind: 'listening', listener: { close } }))
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
