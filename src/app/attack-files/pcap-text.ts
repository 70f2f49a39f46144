// The packets of an attack as classic pcap: what was captured, byte for byte, with the length each had on the wire.

import { LINK } from '#2-decode/sample.ts'
import type { PacketRecord } from '#5-evidence/evidence.ts'
import { pcapHeader, pcapRecord } from '#lib/pcap/writer.ts'

const ETHERNET_BYTES = 14
const VLAN_BYTES = 4
/** EtherTypes of 802.1Q and 802.1ad tags. */
const TAGS: readonly number[] = [0x8100, 0x88a8, 0x9100]

/** One file for each link layer among the packets, the commonest first: a classic pcap has one for all its records. */
export function pcapFiles(
  packets: readonly PacketRecord[],
  counted: 'frame' | 'ip',
): { readonly link: number; readonly bytes: Uint8Array }[] {
  const byLink = Map.groupBy(
    packets.filter(({ bytesCaptured }) => bytesCaptured.length > 0),
    ({ linkType }) => linkType,
  )
  return [...byLink]
    .sort(([, a], [, b]) => b.length - a.length)
    .map(([link, ofLink]) => ({ link, bytes: pcapOf(link, ofLink, counted) }))
}

function pcapOf(link: number, packets: readonly PacketRecord[], counted: 'frame' | 'ip'): Uint8Array {
  const inOrder = packets.toSorted((a, b) => a.timeMicros - b.timeMicros)
  const snap = inOrder.reduce((most, { bytesCaptured }) => Math.max(most, bytesCaptured.length), 0)
  const records = inOrder.map(packet => {
    const micros = Math.max(0, Math.floor(packet.timeMicros))
    const seconds = Math.floor(micros / 1e6)
    return pcapRecord(
      {
        seconds,
        nanoseconds: (micros - seconds * 1e6) * 1000,
        bytes: packet.bytesCaptured,
        wire: wireBytes(packet, counted),
      },
      'micros',
    )
  })
  return Buffer.concat([pcapHeader(link, snap, 'micros'), ...records])
}

/** Where lengths are counted from the IP header on, the link layer before it is added; never less than what is there. */
function wireBytes({ bytes, bytesCaptured, linkType }: PacketRecord, counted: 'frame' | 'ip'): number {
  const before = counted === 'ip' && linkType === LINK.ethernet ? ethernetBytes(bytesCaptured) : 0
  return Math.max(bytesCaptured.length, Math.ceil(bytes) + before)
}

function ethernetBytes(frame: Uint8Array): number {
  const view = new DataView(frame.buffer, frame.byteOffset, frame.byteLength)
  let at = ETHERNET_BYTES
  while (at <= frame.length && TAGS.includes(view.getUint16(at - 2))) at += VLAN_BYTES
  return at
}
