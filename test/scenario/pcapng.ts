// Turns a capture file of the lab (classic pcap, nanoseconds) into pcapng, as newer tools write it.

const CLASSIC = { header: 24, link: 20, recordHeader: 16 } as const
const BLOCK = { section: 0x0a0d0d0a, interface: 1, enhancedPacket: 6 } as const
const BYTE_ORDER_MAGIC = 0x1a2b3c4d
/** Option if_tsresol: times count units of 10^-9 s. */
const NANOSECONDS = Buffer.from([9, 0, 1, 0, 9, 0, 0, 0, 0, 0, 0, 0])

export function pcapngOf(classic: Buffer): Buffer {
  const blocks = [sectionBlock(), interfaceBlock(classic.readUInt32LE(CLASSIC.link))]
  for (let at: number = CLASSIC.header; at < classic.length; ) {
    const captured = classic.readUInt32LE(at + 8)
    const bytes = classic.subarray(at + CLASSIC.recordHeader, at + CLASSIC.recordHeader + captured)
    const nanos = BigInt(classic.readUInt32LE(at)) * 1_000_000_000n + BigInt(classic.readUInt32LE(at + 4))
    blocks.push(packetBlock(nanos, bytes, classic.readUInt32LE(at + 12)))
    at += CLASSIC.recordHeader + captured
  }
  return Buffer.concat(blocks)
}

function sectionBlock(): Buffer {
  const body = Buffer.alloc(16)
  body.writeUInt32LE(BYTE_ORDER_MAGIC, 0)
  body.writeUInt16LE(1, 4)
  body.writeBigInt64LE(-1n, 8)
  return block(BLOCK.section, body)
}

function interfaceBlock(link: number): Buffer {
  const body = Buffer.alloc(8)
  body.writeUInt16LE(link, 0)
  return block(BLOCK.interface, Buffer.concat([body, NANOSECONDS]))
}

function packetBlock(nanos: bigint, bytes: Buffer, wire: number): Buffer {
  const body = Buffer.alloc(20 + Math.ceil(bytes.length / 4) * 4)
  body.writeUInt32LE(Number(nanos >> 32n), 4)
  body.writeUInt32LE(Number(nanos & 0xffff_ffffn), 8)
  body.writeUInt32LE(bytes.length, 12)
  body.writeUInt32LE(wire, 16)
  bytes.copy(body, 20)
  return block(BLOCK.enhancedPacket, body)
}

function block(type: number, body: Buffer): Buffer {
  const bytes = Buffer.alloc(body.length + 12)
  bytes.writeUInt32LE(type, 0)
  bytes.writeUInt32LE(bytes.length, 4)
  body.copy(bytes, 8)
  bytes.writeUInt32LE(bytes.length, body.length + 8)
  return bytes
}
