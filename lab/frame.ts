// Builds frames of every kind a detector may meet, for tests, pcap files and the generators.

import { assert } from '#lib/assert.ts'
import { addWords, checksumOf, udpChecksumOf } from './checksum.ts'
import { type Placed, writeHeader } from './frame-header.ts'
import { headerBytes, type Layer, protocolOf } from './layer.ts'

/** An Ethernet frame without its check sequence is at least this long. */
export const MINIMUM_FRAME_BYTES = 60

const LONGEST_FRAME_BYTES = 65_549

/** A frame and where its layers begin. */
export interface Frame {
  readonly bytes: Uint8Array<ArrayBuffer>
  readonly layers: readonly Placed[]
}

/** The frame's bytes: `layOut` for those who do not ask where things are. */
export function buildFrame(
  layers: readonly Layer[],
  minimumBytes = MINIMUM_FRAME_BYTES,
): Uint8Array<ArrayBuffer> {
  return layOut(layers, minimumBytes).bytes
}

/**
 * Builds a frame from its layers, outermost first. Types, lengths and checksums follow from the layers; what is
 * shorter than the minimum is padded with zeros that no length counts. A first fragment's transport checksum covers
 * that fragment only, since the rest is not known here.
 */
export function layOut(layers: readonly Layer[], minimumBytes = MINIMUM_FRAME_BYTES): Frame {
  const end = layers.reduce((sum, layer) => sum + headerBytes(layer), 0)
  assert(end <= LONGEST_FRAME_BYTES, 'a frame holds at most one full IP packet')
  const bytes = new Uint8Array(Math.max(end, minimumBytes))
  const view = new DataView(bytes.buffer)
  const placed: Placed[] = []
  let at = 0
  for (const [index, layer] of layers.entries()) {
    placed.push({ layer, at, end, next: layers[index + 1] })
    at += headerBytes(layer)
  }
  for (const layer of placed) writeHeader(view, layer)
  // From the inside out: an outer checksum covers the inner ones.
  for (let index = placed.length - 1; index >= 0; index--) writeChecksum(view, placed, index)
  return { bytes, layers: placed }
}

function writeChecksum(view: DataView, placed: readonly Placed[], index: number): void {
  const { layer, at, end } = placed[index]!
  switch (layer.kind) {
    case 'ipv4':
      view.setUint16(at + 10, checksumOf(addWords(view, at, at + headerBytes(layer))))
      break
    case 'icmp':
      view.setUint16(at + 2, checksumOf(addWords(view, at, end)))
      break
    case 'gre':
      if (layer.checksum) view.setUint16(at + 4, checksumOf(addWords(view, at, end)))
      break
    case 'udp':
    case 'tcp':
    case 'icmpv6': {
      const sum = addWords(view, at, end, pseudoHeaderSum(view, placed, index))
      view.setUint16(
        at + CHECKSUM_AT[layer.kind],
        layer.kind === 'udp' ? udpChecksumOf(sum) : checksumOf(sum),
      )
      break
    }
    default:
  }
}

/** Where a transport header keeps its checksum. */
export const CHECKSUM_AT = { udp: 6, tcp: 16, icmp: 2, icmpv6: 2 } as const

/** Addresses, protocol and length of the packet that encloses a transport header (RFC 9293 3.1, RFC 8200 8.1). */
function pseudoHeaderSum(view: DataView, placed: readonly Placed[], index: number): number {
  const { layer, at, end } = placed[index]!
  const ip = placed
    .slice(0, index)
    .findLast(outer => outer.layer.kind === 'ipv4' || outer.layer.kind === 'ipv6')
  assert(ip !== undefined, `${layer.kind} is inside an IP packet`)
  const [from, to] = ip.layer.kind === 'ipv4' ? [ip.at + 12, ip.at + 20] : [ip.at + 8, ip.at + 40]
  return addWords(view, from, to, (protocolOf(layer) ?? 0) + (end - at))
}
