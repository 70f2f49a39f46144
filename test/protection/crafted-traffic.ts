// Small streams of packets that are made one by one. They are written to one file and played at the same time.

import { buildFrame } from '../../lab/frame.ts'
import type { FragmentPlace, Layer, TransportLayer } from '../../lab/layer.ts'
import type { TimedFrame } from '../../lab/timeline.ts'

export type Family = 4 | 6

export interface Packet {
  /** Missing: a later fragment has none. */
  readonly transport?: TransportLayer
  readonly fragment?: FragmentPlace
  /** Zeros behind the headers. */
  readonly payloadBytes?: number
  /** Instead of the stream's own. */
  readonly source?: string
}

export interface Stream {
  /** Which of the many sources of a case: 1 to 15. */
  readonly from: number
  /** Sent one after the other, so often. */
  readonly packets: readonly Packet[]
  readonly times: number
  readonly startSeconds?: number
  readonly overSeconds?: number
}

const UDP = 17

/** Victims lie behind the server's own addresses; each case has one or several of them. */
export const victimOf = (family: Family, victim: number): string =>
  family === 4 ? `10.10.20.${victim}` : `2001:db8:20::${victim.toString(16)}`

/** Each in a /64 of its own. */
export const sourceOf = (family: Family, victim: number, from: number): string =>
  family === 4 ? `198.18.${victim}.${from}` : `2001:db8:ffff:${((victim << 4) | from).toString(16)}::1`

export function* framesOf(
  { from, packets, times, startSeconds = 0, overSeconds = 0 }: Stream,
  family: Family,
  place: { readonly victim: number; readonly sourcesOf: number; readonly mac: string },
): Generator<TimedFrame> {
  const count = times * packets.length
  for (let at = 0; at < count; at++) {
    const packet = packets[at % packets.length]
    if (packet === undefined) return
    const source = packet.source ?? sourceOf(family, place.sourcesOf, from)
    const target = victimOf(family, place.victim)
    // Fragments of one datagram follow each other.
    const identification = 1 + Math.floor(at / packets.length)
    const layers = [
      { kind: 'ethernet', target: place.mac } as const,
      ...headersOf(packet, family, { source, target, identification }),
      ...(packet.transport === undefined ? [] : [packet.transport]),
      { kind: 'payload', bytes: packet.payloadBytes ?? 0 } as const,
    ]
    const seconds = startSeconds + (overSeconds * at) / count
    yield { nanos: Math.round(seconds * 1e9), bytes: buildFrame(layers) }
  }
}

function headersOf(
  { transport, fragment }: Packet,
  family: Family,
  ip: { readonly source: string; readonly target: string; readonly identification: number },
): Layer[] {
  const protocol = transport === undefined ? { protocol: UDP } : {}
  if (family === 4)
    return [{ kind: 'ipv4', ...ip, ...protocol, ...(fragment === undefined ? {} : { fragment }) }]
  const { source, target, identification } = ip
  if (fragment === undefined) return [{ kind: 'ipv6', source, target, ...protocol }]
  return [
    { kind: 'ipv6', source, target },
    { kind: 'ipv6-fragment', place: fragment, identification, ...protocol },
  ]
}
