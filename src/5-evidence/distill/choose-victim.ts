// Whom a recording is about, and which of its packets are the attack: as told, as its head says, or what most packets go to.

import { type Address, bitsOf, formatAddress, parseAddress } from '#lib/ip/address.ts'
import { contains, formatPrefix, type Prefix, prefixOf } from '#lib/ip/prefix.ts'
import type { Direction, Recorded, Recording } from './recording.ts'

/** What whoever asks knows already. */
export interface Wish {
  /** Destination of the attack. */
  readonly target?: Prefix
  readonly direction?: Direction
}

export type Chosen =
  | {
      readonly kind: 'chosen'
      readonly direction: Direction
      readonly target: Prefix
      /** Of an outgoing attack: the host it comes from. */
      readonly source?: Prefix
      /** Those that go to the target (and come from the source). */
      readonly packets: readonly Recorded[]
      /** Packets of the recording that do not. */
      readonly left: number
    }
  | { readonly kind: 'none'; readonly reason: string }

export function chooseVictim({ packets, head }: Recording, wish: Wish): Chosen {
  if (packets.length === 0) return { kind: 'none', reason: 'it tells of no packet and of no flow' }
  const direction = wish.direction ?? head.direction ?? 'incoming'
  if (direction === 'outgoing') return outgoing(packets, head.host, wish.target)
  const target = wish.target ?? hostPrefix(head.host) ?? mostOf(packets, 'target')
  return chosen(packets, { direction, target })
}

/** The host of ours is who sends; the target is where most of it goes. */
function outgoing(
  packets: readonly Recorded[],
  host: Address | undefined,
  wished: Prefix | undefined,
): Chosen {
  const towards = wished === undefined ? packets : packets.filter(packet => goesTo(packet, wished))
  if (towards.length === 0) return nothing(`no packet goes to ${textOf(wished)}`)
  const source = hostPrefix(host) ?? mostOf(towards, 'source')
  const own = towards.filter(packet => comesFrom(packet, source))
  if (own.length === 0) return nothing(`no packet comes from ${textOf(source)}`)
  return chosen(packets, { direction: 'outgoing', target: wished ?? mostOf(own, 'target'), source })
}

function chosen(
  all: readonly Recorded[],
  found: { readonly direction: Direction; readonly target: Prefix; readonly source?: Prefix },
): Chosen {
  const { target, source } = found
  const packets = all.filter(
    packet => goesTo(packet, target) && (source === undefined || comesFrom(packet, source)),
  )
  return packets.length === 0
    ? nothing(`no packet goes to ${textOf(target)}`)
    : { kind: 'chosen', ...found, packets, left: all.length - packets.length }
}

const nothing = (reason: string): Chosen => ({ kind: 'none', reason })

const goesTo = ({ sample }: Recorded, prefix: Prefix): boolean => contains(prefix, sample.packet.target)
const comesFrom = ({ sample }: Recorded, prefix: Prefix): boolean => contains(prefix, sample.packet.source)

const hostPrefix = (host: Address | undefined): Prefix | undefined =>
  host && prefixOf(host, bitsOf(host.family))

/** The address that stands for most packets; of several the first seen. */
function mostOf(packets: readonly Recorded[], end: 'source' | 'target'): Prefix {
  const weights = new Map<string, number>()
  for (const { sample } of packets) {
    const key = formatAddress(sample.packet[end])
    weights.set(key, (weights.get(key) ?? 0) + sample.weight)
  }
  let best = ''
  let most = -1
  for (const [key, weight] of weights) {
    if (weight <= most) continue
    best = key
    most = weight
  }
  const address = parseAddress(best) ?? { family: 4, value: 0n }
  return prefixOf(address, bitsOf(address.family))
}

const textOf = (prefix: Prefix | undefined): string => {
  if (prefix === undefined) return 'it'
  return prefix.length === bitsOf(prefix.family) ? formatAddress(prefix) : formatPrefix(prefix)
}
