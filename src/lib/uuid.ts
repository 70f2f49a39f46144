// Identifiers (RFC 9562): version 7, sortable by the moment at which it was made; version 8 from a name, always the same.

import { createHash, randomUUIDv7 } from 'node:crypto'

/** A new one; of two the later sorts behind, to the millisecond. */
export const newUuid = (): string => randomUUIDv7()

/** The one of this name: version 8, the bits of its SHA-256. */
export function uuidOfName(name: string): string {
  const bytes = createHash('sha256').update(name).digest()
  bytes.writeUInt8((bytes.readUInt8(6) & 0x0f) | 0x80, 6)
  bytes.writeUInt8((bytes.readUInt8(8) & 0x3f) | 0x80, 8)
  const hex = bytes.toString('hex')
  const parts = [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20, 32)]
  return parts.join('-')
}
