// Sockets of flow telemetry, opened while the program may still ask for large queues: workers are handed them.

import type { TelemetryConfig } from '#1-capture/udp/config.ts'
import { openUdpSocket } from '#1-capture/udp/socket.ts'
import { parseAddress } from '#lib/ip/address.ts'
import { SystemCallError } from '#lib/linux/libc.ts'
import { formatListenAddress, type ListenAddress, parseListenAddress } from '#lib/listen-address.ts'
import type { ListenerPlan, OpenedSocket } from './task.ts'
import { WAIT_MS } from './turns.ts'

/** All sockets that are wanted: those of each listener, one for each of its workers. */
export function listenerPlans({
  listen,
  workers,
  receiveMegabytes,
  receiver,
}: TelemetryConfig): ListenerPlan[] {
  const addresses = listen.map(parseListenAddress).filter(address => address !== undefined)
  return addresses.flatMap(address =>
    Array.from({ length: workers }, () => ({
      listen: address,
      sockets: workers,
      ipv6Only: hasOwnIpv4(address, addresses),
      receiveBytes: receiveMegabytes << 20,
      receiver,
    })),
  )
}

/** Those of IPFIX over TCP, each with a worker of its own. */
export function streamPlans({ tcp }: TelemetryConfig): ListenerPlan[] {
  const addresses = tcp.map(parseListenAddress).filter(address => address !== undefined)
  return addresses.map(listen => ({
    ...{ listen, sockets: 1, ipv6Only: hasOwnIpv4(listen, addresses), receiveBytes: 0, receiver: 'tcp' },
  }))
}

/** `ADDRESS:PORT`, before it `tcp` where it is that: UDP may have the same. */
export const listenText = ({ listen, receiver }: Pick<ListenerPlan, 'listen' | 'receiver'>): string =>
  `${receiver === 'tcp' ? 'tcp ' : ''}${formatListenAddress(listen)}`

/** Whether another listener takes IPv4 on the port of this one. */
const hasOwnIpv4 = ({ port }: ListenAddress, all: readonly ListenAddress[]): boolean =>
  all.some(other => other.port === port && parseAddress(other.host)?.family === 4)

/** By place in `listenerPlans`; `undefined` where it could not be opened yet: the worker tries again and says why. */
export function openTelemetrySockets(config: TelemetryConfig): readonly (OpenedSocket | undefined)[] {
  if (config.receiver !== 'batch') return []
  return listenerPlans(config).map(plan => {
    try {
      return openUdpSocket({ ...plan, waitMs: WAIT_MS })
    } catch (error) {
      if (error instanceof SystemCallError) return undefined
      throw error
    }
  })
}
