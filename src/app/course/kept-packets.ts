// Packets of an attack as the history keeps them in its report: read back for a capture.

import { z } from 'zod'
import type { PacketRecord } from '#5-evidence/evidence.ts'
import { tcpFlagBits } from '#5-evidence/protocol-name.ts'

const packetSchema = z.object({
  ...{ time: z.string(), source: z.string(), target: z.string(), sourcePort: z.number() },
  ...{ targetPort: z.number(), protocol: z.object({ number: z.number() }), tcpFlags: z.array(z.string()) },
  ...{ isFragment: z.boolean(), ttl: z.number(), bytes: z.number(), weight: z.number() },
  ...{
    sampleRatio: z.number(),
    linkType: z.number(),
    header: z.string().regex(/^(?:[0-9a-f]{2}){1,65535}$/),
  },
})

/** Those whose bytes were kept; what a version after this one wrote otherwise is left out. */
export function keptPackets(report: unknown): PacketRecord[] {
  const packets = z.object({ packets: z.array(z.unknown()) }).safeParse(report).data?.packets ?? []
  return packets.flatMap(packet => {
    const read = packetSchema.safeParse(packet).data
    if (read === undefined) return []
    const { time, protocol, tcpFlags, header, ...rest } = read
    return [
      {
        ...rest,
        timeMicros: microsOf(time),
        protocol: protocol.number,
        tcpFlags: tcpFlagBits(tcpFlags),
        bytesCaptured: Uint8Array.from(Buffer.from(header, 'hex')),
      },
    ]
  })
}

/** ISO 8601 with microseconds, of which `Date` reads three decimals. */
function microsOf(time: string): number {
  const [, micros = '0'] = /\.\d{3}(\d{3})Z$/.exec(time) ?? []
  return Date.parse(time) * 1000 + Number(micros)
}
