// How many connections one address may hold: whoever holds all of them, slowly, would keep everybody else out.

import type { Server, Socket } from 'node:net'
import { isLoopback } from '#lib/ip/loopback.ts'
import type { MetricSource } from '#lib/metrics/metric.ts'
import { countedUnder, unmapped } from './access/forwarded.ts'
import { API_METRICS } from './metrics.ts'

/** Of all connections. A proxy on this machine brings many people under one address, and is not bounded. */
const SHARE = 1 / 4
const LEAST = 16

export class ConnectionBound {
  /** Only addresses that hold a connection now. */
  readonly #held = new Map<string, number>()
  readonly #refused = { total: 0, address: 0 }
  readonly #isTrusted: (address: string) => boolean

  /** `isTrusted`: a proxy that is believed; it is not bounded either. */
  constructor(isTrusted: (address: string) => boolean) {
    this.#isTrusted = isTrusted
  }

  /** Of a server that takes at most so many altogether. */
  watch(server: Server, connectionsMax: number): void {
    const most = Math.max(LEAST, Math.ceil(connectionsMax * SHARE))
    server.on('drop', () => this.#refused.total++)
    server.on('connection', (socket: Socket) => this.#take(socket, most))
  }

  readonly metrics: MetricSource = () =>
    Object.entries(this.#refused).map(([reason, value]) => ({
      ...{ name: API_METRICS.connections.name, value, labels: { reason } },
    }))

  #take(socket: Socket, most: number): void {
    const address = unmapped(socket.remoteAddress ?? '')
    if (isLoopback(address) || this.#isTrusted(address)) return
    const holder = countedUnder(address)
    const held = this.#held.get(holder) ?? 0
    if (held >= most) {
      this.#refused.address++
      socket.destroy()
      return
    }
    this.#held.set(holder, held + 1)
    socket.once('close', () => {
      const left = (this.#held.get(holder) ?? 1) - 1
      if (left > 0) this.#held.set(holder, left)
      else this.#held.delete(holder)
    })
  }
}
