// prefixd's scope hash: what a rule matches, as a name of 32 hexadecimal digits.

import { createHash } from 'node:crypto'

export interface HashedScope {
  /** Canonical text: `203.0.113.10/32`. */
  readonly prefix: string
  /** IP protocol number; missing: all. */
  readonly protocol?: number | undefined
  /** In any order; what stands there twice counts once. */
  readonly ports: readonly number[]
}

const HASH_BYTES = 16
const PORT_BYTES = 2

/** The first 16 bytes of SHA-256 over the prefix as text, the protocol in one byte if there is one, and each port in two. */
export function scopeHash({ prefix, protocol, ports }: HashedScope): string {
  const hash = createHash('sha256').update(prefix, 'utf8')
  if (protocol !== undefined) hash.update(Buffer.of(protocol))
  for (const port of [...new Set(ports)].sort((a, b) => a - b)) {
    const bytes = Buffer.alloc(PORT_BYTES)
    bytes.writeUInt16BE(port)
    hash.update(bytes)
  }
  return hash.digest().toString('hex', 0, HASH_BYTES)
}
