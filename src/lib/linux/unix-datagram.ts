// Datagrams to a Unix socket by its path (unix(7)), which Node does not offer: sent at once or not at all.

import { close, sendto, socket } from './libc.ts'
import { AF_UNIX, encodeUnixAddress } from './unix-address.ts'

const SOCK_DGRAM_CLOEXEC = 2 | 0x80000
const DONTWAIT_NOSIGNAL = 0x40 | 0x4000

/** The path is looked up anew for each datagram: a reader that was started again is found by itself. */
export class UnixDatagram {
  readonly #address: Uint8Array | undefined
  #fd: number

  constructor(path: string) {
    this.#address = encodeUnixAddress(path)
    this.#fd = this.#address === undefined ? -1 : socket(AF_UNIX, SOCK_DGRAM_CLOEXEC, 0)
  }

  /** False: nobody reads there, or not fast enough. */
  send(bytes: Uint8Array): boolean {
    if (this.#fd < 0 || this.#address === undefined) return false
    return (
      sendto(this.#fd, bytes, bytes.length, DONTWAIT_NOSIGNAL, this.#address, this.#address.length) ===
      bytes.length
    )
  }

  close(): void {
    if (this.#fd >= 0) close(this.#fd)
    this.#fd = -1
  }
}
