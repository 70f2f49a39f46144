// Identifiers (RFC 9562): version 7, sortable by the moment at which it was made; version 8 from a name, always the same.

import { hash, randomUUIDv7 } from 'node:crypto'

/** A new one; of two the later sorts behind, to the millisecond. */
export const newUuid = (): string => randomUUIDv7()

/** The one of this name: version 8, the bits of its SHA-256. */
export function uuidOfName(name: string): string {
  const hex = hash('sha256', name)
  const variant = ((Number.parseInt(hex.slice(16, 17), 16) & 3) | 8).toString(16)
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-8${hex.slice(13, 16)}-${variant}${hex.slice(17, 20)}-${hex.slice(20, 32)}`
}
