// Whole packets between our host and the outside, as layers.

import type { FragmentPlace, Layer, TcpFlag, TransportLayer } from '../layer.ts'
import { VICTIM } from '../scenario.ts'
import type { Draw } from './draw.ts'

/** Makes the next packet of some traffic; `at` counts them. */
export type PacketMaker = (draw: Draw, at: number) => readonly Layer[]

interface Between {
  readonly source: string
  readonly target: string
  readonly ttl?: number
  readonly fragment?: FragmentPlace
  readonly protocol?: number
}

export const US = VICTIM.ipv4
export const US6 = VICTIM.ipv6

export const to = (source: string, more: Partial<Between> = {}): Between => ({ source, target: US, ...more })
export const from = (target: string, more: Partial<Between> = {}): Between => ({
  source: US,
  target,
  ...more,
})

export const packet = (between: Between, ...rest: readonly Layer[]): readonly Layer[] => [
  { kind: 'ethernet' },
  { kind: between.source.includes(':') ? 'ipv6' : 'ipv4', ...between },
  ...rest,
]

export const udp = (
  between: Between,
  sourcePort: number,
  targetPort: number,
  payload: Uint8Array | number = 0,
): readonly Layer[] =>
  packet(between, { kind: 'udp', sourcePort, targetPort }, { kind: 'payload', bytes: payload })

export const tcp = (
  between: Between,
  sourcePort: number,
  targetPort: number,
  flags: readonly TcpFlag[],
  payload: Uint8Array | number = 0,
): readonly Layer[] =>
  packet(between, { kind: 'tcp', sourcePort, targetPort, flags }, { kind: 'payload', bytes: payload })

export const icmp = (between: Between, type: number, bytes: number, code = 0): readonly Layer[] => {
  const header: TransportLayer = { kind: between.source.includes(':') ? 'icmpv6' : 'icmp', type, code }
  return packet(between, header, { kind: 'payload', bytes })
}

/** A later fragment of a datagram. */
export const laterFragment = (
  between: Between,
  place: FragmentPlace,
  bytes: number,
  protocol = 17,
): readonly Layer[] => packet({ ...between, fragment: place, protocol }, { kind: 'payload', bytes })

/** Takes turns: each maker as often as its share. */
export const mixed = (...parts: readonly (readonly [share: number, maker: PacketMaker])[]): PacketMaker => {
  const total = parts.reduce((sum, [share]) => sum + share, 0)
  return (draw, at) => {
    let left = draw.below(total)
    for (const [share, maker] of parts) {
      if (left < share) return maker(draw, at)
      left -= share
    }
    throw new RangeError('shares are whole numbers')
  }
}
