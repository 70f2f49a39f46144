// Whether ports that calm traffic comes from belong to services, which several peers answer from, or to clients.
//
// A client takes the port of a question at random. Whatever ports calm shows of clients, the next client has another one, so a
// rule that spares just these would drop everybody else.

import type { Range } from '#lib/flowspec/build.ts'
import type { Cell, Ground } from './ground.ts'
import { isWithin } from './predicate.ts'

/** Where clients' ports begin. */
export const CLIENT_PORT_MIN = 1024

/** Whether each source port of calm between the ranges, if a client can have it, is one of several peers. */
export function areShared({ calm }: Ground, cell: Cell, ranges: readonly Range[]): boolean {
  const [first, last] = [Math.min(...ranges.map(({ from }) => from)), Math.max(...ranges.map(({ to }) => to))]
  const ports = calm.values['source-port']
  /** The only peer of a port; `undefined`: it has several. */
  const peers = new Map<number, bigint | undefined>()
  for (const at of cell.calm) {
    const port = ports[at]!
    if (port < Math.max(first, CLIENT_PORT_MIN) || port > last || isWithin(ranges, port)) continue
    const peer = calm.samples[at]!.packet.source.value
    peers.set(port, !peers.has(port) || peers.get(port) === peer ? peer : undefined)
  }
  return peers.values().every(peer => peer === undefined)
}

/** Which share of the attack from ports that clients can have comes from these; 1 when there is none. */
export function clientPortsTaken({ attack }: Ground, cell: Cell, ranges: readonly Range[]): number {
  const ports = attack.values['source-port']
  let [taken, all] = [0, 0]
  for (const at of cell.attack) {
    const port = ports[at]!
    if (port < CLIENT_PORT_MIN) continue
    all += attack.weights[at]!
    if (isWithin(ranges, port)) taken += attack.weights[at]!
  }
  return all === 0 ? 1 : taken / all
}
