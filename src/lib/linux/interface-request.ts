// Questions to the kernel about a network interface (netdevice(7), linux/ethtool.h), by ioctl on a socket of its own.
//
// The socket keeps the network namespace it was opened in; /sys/class/net may be mounted from another one.

import { addressOf, close, ioctl, must, socket } from './libc.ts'

/** struct ifreq: a name of 16 bytes and a union that is 24 bytes long on 64-bit machines. */
export const IFREQ = { bytes: 40, name: 0, nameBytes: 16, value: 16 } as const

/** Longest name an interface can have (IFNAMSIZ less its zero). */
export const INTERFACE_NAME_MAX = 15

const AF_UNIX = 1
const SOCK_DGRAM = 2
const SOCK_CLOEXEC = 0x80000

const SIOCGIFNAME = 0x8910
const SIOCGIFFLAGS = 0x8913
const SIOCGIFHWADDR = 0x8927
const SIOCGIFINDEX = 0x8933
const SIOCETHTOOL = 0x8946

const IFF_UP = 0x1
const IFF_RUNNING = 0x40

const ETHTOOL_GTSO = 0x1e
const ETHTOOL_GFLAGS = 0x25
const ETHTOOL_GGRO = 0x2b
const ETH_FLAG_LRO = 1 << 15

/** Work the interface takes off the processor by joining packets; each makes captured packets larger than those on the wire. */
export interface Offloads {
  /** Generic receive offload: the kernel joins packets of a flow before a capture sees them. */
  readonly gro: boolean
  /** Large receive offload: the network card does. */
  readonly lro: boolean
  /** TCP segmentation offload: what this machine sends is captured before it is cut into packets. */
  readonly tso: boolean
}

/** A socket to ask about interfaces. Needs no privilege. Answers are `undefined` (or 0, for an index) when there is no such interface. */
export class InterfaceRequests {
  readonly #fd: number
  readonly #request = new DataView(new ArrayBuffer(IFREQ.bytes))
  /** struct ethtool_value: command and answer. The request holds its address, so it lives as long. */
  readonly #ethtool = new Uint32Array(new ArrayBuffer(8))

  /** Throws `SystemCallError` when no socket can be had. */
  constructor() {
    this.#fd = must(socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0), 'socket')
  }

  /** Index of the interface with this name; 0 when there is none. */
  indexOf(name: string): number {
    return this.#ask(SIOCGIFINDEX, name) ? this.#request.getInt32(IFREQ.value, true) : 0
  }

  /** Name of the interface with this index. */
  nameOf(index: number): string | undefined {
    this.#request.setInt32(IFREQ.value, index, true)
    if (ioctl(this.#fd, SIOCGIFNAME, this.#request) < 0) return undefined
    const bytes = new Uint8Array(this.#request.buffer, IFREQ.name, IFREQ.nameBytes)
    const end = bytes.indexOf(0)
    return Buffer.from(bytes.subarray(0, end < 0 ? bytes.length : end)).toString()
  }

  /** Whether it is switched on and has a carrier. */
  isUp(name: string): boolean | undefined {
    if (!this.#ask(SIOCGIFFLAGS, name)) return undefined
    const both = IFF_UP | IFF_RUNNING
    return (this.#request.getUint16(IFREQ.value, true) & both) === both
  }

  /** ARPHRD_ number of its link layer: 1 is Ethernet. */
  hardwareTypeOf(name: string): number | undefined {
    return this.#ask(SIOCGIFHWADDR, name) ? this.#request.getUint16(IFREQ.value, true) : undefined
  }

  /** Offloads that are on; one the driver cannot tell is off. */
  offloadsOf(name: string): Offloads | undefined {
    if (this.indexOf(name) === 0) return undefined
    return {
      gro: this.#askEthtool(name, ETHTOOL_GGRO) !== 0,
      lro: (this.#askEthtool(name, ETHTOOL_GFLAGS) & ETH_FLAG_LRO) !== 0,
      tso: this.#askEthtool(name, ETHTOOL_GTSO) !== 0,
    }
  }

  close(): void {
    close(this.#fd)
  }

  #ask(request: number, name: string): boolean {
    return this.#setName(name) && ioctl(this.#fd, request, this.#request) >= 0
  }

  #askEthtool(name: string, command: number): number {
    if (!this.#setName(name)) return 0
    this.#ethtool.set([command, 0])
    this.#request.setBigUint64(IFREQ.value, addressOf(this.#ethtool.buffer), true)
    return ioctl(this.#fd, SIOCETHTOOL, this.#request) < 0 ? 0 : (this.#ethtool[1] ?? 0)
  }

  /** False when no interface can have this name. */
  #setName(name: string): boolean {
    const bytes = Buffer.from(name)
    if (bytes.length === 0 || bytes.length > INTERFACE_NAME_MAX) return false
    new Uint8Array(this.#request.buffer).fill(0).set(bytes, IFREQ.name)
    return true
  }
}
