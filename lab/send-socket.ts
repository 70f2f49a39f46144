// A packet socket that only sends, past the queueing discipline (packet(7)).

import { assert } from '#lib/assert.ts'
import { bind, close, interfaceIndex, must, setsockopt, socket } from '#lib/linux/libc.ts'
import { isLabInterface } from './leftover.ts'

const AF_PACKET = 17
const SOCK_RAW = 3
const SOL_SOCKET = 1
const SO_SNDBUFFORCE = 32
const SOL_PACKET = 263
const PACKET_QDISC_BYPASS = 20
const SEND_BUFFER_BYTES = 4 << 20
const ADDRESS_BYTES = 20

export interface SendSocket extends Disposable {
  readonly fd: number
}

/** Index of a lab's interface in this namespace. Floods must not leave the machine, so others are refused. */
export function labInterfaceIndex(name: string): number {
  assert(isLabInterface(name), `${name} is an interface of a lab`)
  const index = interfaceIndex(name)
  if (index === 0) throw new Error(`this namespace has no interface ${name}`)
  return index
}

/** Opens a socket bound to a lab's interface; needs CAP_NET_RAW and throws `SystemCallError`. */
export function openSendSocket(interfaceName: string): SendSocket {
  const index = labInterfaceIndex(interfaceName)
  // Protocol 0: nothing is received, so the sender's own frames do not cost it anything.
  const fd = must(socket(AF_PACKET, SOCK_RAW, 0), 'packet socket')
  const address = new DataView(new ArrayBuffer(ADDRESS_BYTES))
  address.setUint16(0, AF_PACKET, true)
  address.setUint32(4, index, true)
  try {
    must(setsockopt(fd, SOL_PACKET, PACKET_QDISC_BYPASS, Int32Array.of(1), 4), 'PACKET_QDISC_BYPASS')
    must(setsockopt(fd, SOL_SOCKET, SO_SNDBUFFORCE, Int32Array.of(SEND_BUFFER_BYTES), 4), 'SO_SNDBUFFORCE')
    must(bind(fd, address, ADDRESS_BYTES), `bind to ${interfaceName}`)
  } catch (error) {
    close(fd)
    throw error
  }
  return { fd, [Symbol.dispose]: () => void close(fd) }
}
