// One UDP socket that datagrams of flow export arrive at (udp(7), socket(7) of Linux).

import { constants } from 'node:os'
import { filterRequest, SOCK_FPROG } from '#1-capture/af-packet/socket.ts'
import { type Address, parseAddress } from '#lib/ip/address.ts'
import {
  bind,
  close,
  errno,
  getsockname,
  getsockopt,
  SystemCallError,
  setsockopt,
  socket,
} from '#lib/linux/libc.ts'
import type { ListenAddress } from '#lib/listen-address.ts'
import { chooseByAddress } from './reuseport.ts'

export interface UdpOptions {
  readonly listen: ListenAddress
  /** Wanted for the queue of the kernel. */
  readonly receiveBytes: number
  /** Sockets that share the port; more than one are told apart by the address of the sender. */
  readonly sockets: number
  /** Leave IPv4 to another socket on this port. */
  readonly ipv6Only: boolean
  /** A receive waits no longer than this. */
  readonly waitMs: number
}

export interface UdpStatistics {
  /** Datagrams dropped since the socket was opened because its queue was full, modulo 2^32. */
  readonly drops: number
  /** What the queue holds now, and at most. */
  readonly queuedBytes: number
  readonly queueBytes: number
}

export interface UdpSocket {
  readonly fd: number
  readonly family: 4 | 6
  readonly port: number
  /** What the kernel has granted; the half of it that it keeps for its own structures is not counted. */
  readonly receiveBytes: number
}

const AF_INET = 2
const AF_INET6 = 10
const SOCK_DGRAM = 2
/** A program we call must not inherit the socket: datagrams would go on to somebody who reads none. */
const SOCK_CLOEXEC = 0x80000
const SOL_SOCKET = 1
const SO_RCVBUF = 8
const SO_REUSEPORT = 15
const SO_RCVTIMEO = 20
const SO_RCVBUFFORCE = 33
const SO_ATTACH_REUSEPORT_CBPF = 51
const SO_MEMINFO = 55
const IPPROTO_IPV6 = 41
const IPV6_V6ONLY = 26

/** struct sockaddr_in and sockaddr_in6: both begin with the family, then the port in network order. */
const SOCKADDR = { bytesV4: 16, bytesV6: 28, port: 2, addressV4: 4, addressV6: 8 } as const
/** Words of SO_MEMINFO (linux/sock_diag.h). */
const MEMINFO = { words: 9, queued: 0, queue: 1, drops: 8 } as const

/** Opens and binds the socket; throws `SystemCallError` with a hint, and leaves nothing open. */
export function openUdpSocket(options: UdpOptions): UdpSocket {
  const address = parseAddress(options.listen.host)
  const family = address?.family ?? 4
  const fd = checked(
    socket(family === 4 ? AF_INET : AF_INET6, SOCK_DGRAM | SOCK_CLOEXEC, 0),
    'socket',
    options,
  )
  try {
    if (family === 6)
      setOption(fd, IPPROTO_IPV6, IPV6_V6ONLY, Int32Array.of(options.ipv6Only ? 1 : 0), options)
    if (options.sockets > 1) setOption(fd, SOL_SOCKET, SO_REUSEPORT, Int32Array.of(1), options)
    enlargeQueue(fd, options.receiveBytes)
    setOption(fd, SOL_SOCKET, SO_RCVTIMEO, timeValue(options.waitMs), options)
    const name = encodeAddress(address, options.listen.port)
    const place = `bind to port ${options.listen.port}`
    checked(bind(fd, name, name.byteLength), place, options)
    // An old kernel chooses by address and port: better than nothing.
    if (options.sockets > 1) attachChoice(fd, options.sockets)
  } catch (error) {
    close(fd)
    throw error
  }
  return { fd, family, port: portOf(fd), receiveBytes: udpStatistics(fd).queueBytes / 2 }
}

export const closeUdpSocket = ({ fd }: Pick<UdpSocket, 'fd'>): void => void close(fd)

/** Kernel drops and the state of the queue; to be asked once a second, not per datagram. */
export function udpStatistics(fd: number): UdpStatistics {
  const words = new Uint32Array(MEMINFO.words)
  getsockopt(fd, SOL_SOCKET, SO_MEMINFO, words, Uint32Array.of(words.byteLength))
  return {
    drops: words[MEMINFO.drops] ?? 0,
    queuedBytes: words[MEMINFO.queued] ?? 0,
    queueBytes: words[MEMINFO.queue] ?? 0,
  }
}

/** Whoever may administer the network gets what he asks for; all others as much as net.core.rmem_max allows. */
function enlargeQueue(fd: number, bytes: number): void {
  const value = Int32Array.of(bytes)
  if (setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, value, 4) < 0)
    setsockopt(fd, SOL_SOCKET, SO_RCVBUF, value, 4)
}

function attachChoice(fd: number, sockets: number): void {
  setsockopt(
    fd,
    SOL_SOCKET,
    SO_ATTACH_REUSEPORT_CBPF,
    filterRequest(chooseByAddress(sockets)),
    SOCK_FPROG.bytes,
  )
}

/** struct timeval of a 64-bit machine. */
const timeValue = (milliseconds: number): BigInt64Array =>
  BigInt64Array.of(BigInt(Math.floor(milliseconds / 1000)), BigInt((milliseconds % 1000) * 1000))

function encodeAddress(address: Address | undefined, port: number): DataView {
  const { family, value } = address ?? { family: 4, value: 0n }
  const name = new DataView(new ArrayBuffer(family === 4 ? SOCKADDR.bytesV4 : SOCKADDR.bytesV6))
  name.setUint16(0, family === 4 ? AF_INET : AF_INET6, true)
  name.setUint16(SOCKADDR.port, port)
  if (family === 4) name.setUint32(SOCKADDR.addressV4, Number(value))
  else {
    name.setBigUint64(SOCKADDR.addressV6, value >> 64n)
    name.setBigUint64(SOCKADDR.addressV6 + 8, value & 0xffff_ffff_ffff_ffffn)
  }
  return name
}

function portOf(fd: number): number {
  const name = new DataView(new ArrayBuffer(SOCKADDR.bytesV6))
  getsockname(fd, name, Uint32Array.of(name.byteLength))
  return name.getUint16(SOCKADDR.port)
}

function setOption(
  fd: number,
  level: number,
  option: number,
  value: ArrayBufferView,
  options: UdpOptions,
): void {
  checked(setsockopt(fd, level, option, value, value.byteLength), `setsockopt ${option}`, options)
}

function checked(result: number, call: string, { listen }: UdpOptions): number {
  if (result >= 0) return result
  const number = errno()
  throw new SystemCallError(call, number, hintFor(number, listen))
}

/** What the operator can do about it. */
function hintFor(number: number, { host, port }: ListenAddress): string | undefined {
  switch (number) {
    case constants.errno.EADDRINUSE:
      return `another program receives on UDP port ${port}: ss -ulpn names it`
    case constants.errno.EADDRNOTAVAIL:
      return `${host} is no address of this machine`
    case constants.errno.EACCES:
      return `port ${port} needs CAP_NET_BIND_SERVICE`
    case constants.errno.EAFNOSUPPORT:
      return 'this machine has no IPv6'
    default:
      return undefined
  }
}
