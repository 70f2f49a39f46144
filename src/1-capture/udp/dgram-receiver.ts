// Datagrams through node:dgram, one at a time: where system calls cannot be made. Slower, and it sees no kernel drops.

import { createSocket, type RemoteInfo, type Socket } from 'node:dgram'
import { parseAddress } from '#lib/ip/address.ts'
import type { DatagramMemory } from './datagram-memory.ts'
import type { UdpOptions } from './socket.ts'

export interface DgramReceiver {
  readonly port: number
  readonly receiveBytes: number
  close(): void
}

/**
 * Opens and binds a socket; `take` is called for each datagram, which lies in the first place of `memory` with its
 * sender, and counts until it returns. Rejects with the error of the system.
 */
export async function openDgramReceiver(
  options: Pick<UdpOptions, 'listen' | 'receiveBytes' | 'sockets' | 'ipv6Only'>,
  memory: DatagramMemory,
  take: (bytes: number) => void,
): Promise<DgramReceiver> {
  const { listen, sockets, ipv6Only } = options
  const type = parseAddress(listen.host)?.family === 6 ? 'udp6' : 'udp4'
  const socket = createSocket({ type, ipv6Only: type === 'udp6' && ipv6Only, reusePort: sockets > 1 })
  const place = new Uint8Array(memory.bytes)
  socket.on('message', (message, sender) => {
    place.set(message)
    setSender(memory, sender)
    take(message.length)
  })
  try {
    await bound(socket, listen.port, listen.host)
  } catch (error) {
    // It is tried again every few seconds: each attempt would keep a descriptor.
    socket.close()
    throw error
  }
  // A buffer beyond net.core.rmem_max is cut by the kernel, and one that cannot be had at all is no reason to give up.
  try {
    socket.setRecvBufferSize(options.receiveBytes)
  } catch {}
  return {
    port: socket.address().port,
    receiveBytes: Math.floor(socket.getRecvBufferSize() / 2),
    close: () => void socket.close(),
  }
}

function bound(socket: Socket, port: number, host: string): Promise<void> {
  return new Promise((resolve, reject) => {
    socket.once('error', reject)
    socket.bind(port, host, () => {
      socket.off('error', reject)
      socket.on('error', () => {})
      resolve()
    })
  })
}

/** Takes the sender from text, with or without a zone; an IPv4 address mapped into IPv6 is an IPv4 address. */
export function setSender(
  memory: DatagramMemory,
  { address: text, port }: Pick<RemoteInfo, 'address' | 'port'>,
): void {
  const address = parseAddress(text.split('%')[0] ?? '')
  memory.port = port
  const value = address?.value ?? 0n
  if (address?.family !== 6) {
    memory.setIpv4(wireWord(value))
    return
  }
  if (value >> 32n === 0xffffn) memory.setIpv4(wireWord(value & 0xffff_ffffn))
  else memory.setIpv6(wireWord(value >> 96n), wireWord(value >> 64n), wireWord(value >> 32n), wireWord(value))
}

/** The lowest 32 bits as the little-endian word the wire's bytes are. */
function wireWord(value: bigint): number {
  const number = Number(value & 0xffff_ffffn)
  return ((number & 255) << 24) | ((number & 0xff00) << 8) | ((number >>> 8) & 0xff00) | (number >>> 24)
}
