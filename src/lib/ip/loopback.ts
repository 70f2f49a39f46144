// Whether an address is reached from this machine alone (RFC 1122 section 3.2.1.3, RFC 4291 section 2.5.3).

import { parseAddress } from './address.ts'

/** Of a text; what is no address, a name such as localhost too, is not. */
export function isLoopback(text: string): boolean {
  const address = parseAddress(text)
  return address?.family === 4 ? address.value >> 24n === 127n : address?.value === 1n
}
