// One packet socket with a TPACKET_V3 receive ring (packet(7), Documentation/networking/packet_mmap.rst of Linux).

import { constants } from 'node:os'
import {
  addressOf,
  bind,
  close,
  errno,
  getsockname,
  getsockopt,
  SystemCallError,
  setsockopt,
  socket,
} from '#lib/linux/libc.ts'
import { type FanoutMode, fanoutWord } from './fanout.ts'
import { captureFilter, encodeFilter, INSTRUCTION_BYTES, type Instruction } from './filter.ts'
import { BLOCK_BYTES } from './layout.ts'

export interface SocketOptions {
  readonly interface: string
  readonly interfaceIndex: number
  readonly blockCount: number
  readonly snapBytes: number
  readonly direction: 'ingress' | 'both'
  readonly promiscuous: boolean
  readonly isCooked: boolean
  /** Undefined when no other ring shares the interface. */
  readonly fanoutGroup: number | undefined
  readonly fanoutMode: FanoutMode
}

/** What the kernel counted since it was last asked. */
export interface SocketStatistics {
  /** Packets that passed the filter, those dropped included. */
  readonly packets: number
  /** Packets for which no block was free. */
  readonly drops: number
  /** Times the ring ran full. */
  readonly freezes: number
}

export interface PacketSocket {
  readonly fd: number
  /** Index of the interface it listens on; -1 when that was deleted. */
  boundIndex(): number
  /** Takes the pending error, 0 when there is none. Until it is taken, poll(2) returns at once. */
  takeError(): number
  takeStatistics(): SocketStatistics
  close(): void
}

/** Structures of linux/if_packet.h, linux/filter.h: sizes and the offsets of what we fill in. */
export const SOCKADDR_LL = { bytes: 20, family: 0, protocol: 2, ifindex: 4 } as const
export const PACKET_MREQ = { bytes: 16, ifindex: 0, type: 4 } as const
export const SOCK_FPROG = { bytes: 16, length: 0, filter: 8 } as const
/** In words: block size, blocks, frame size, frames, retire time in ms, private bytes, features. */
export const TPACKET_REQ3_WORDS = 7
/** In words: packets, drops, freezes. */
export const TPACKET_STATS_V3_WORDS = 3

const AF_PACKET = 17
const SOCK_DGRAM = 2
const SOCK_RAW = 3
/** A program we call must not inherit the socket: it would stay a member of the fan-out, with a ring nobody reads. */
const SOCK_CLOEXEC = 0x80000
const ETH_P_ALL = 3

const SOL_SOCKET = 1
const SO_ERROR = 4
const SO_ATTACH_FILTER = 26

const SOL_PACKET = 263
const PACKET_ADD_MEMBERSHIP = 1
const PACKET_RX_RING = 5
const PACKET_STATISTICS = 6
const PACKET_VERSION = 10
const PACKET_FANOUT = 18
const PACKET_IGNORE_OUTGOING = 23

const TPACKET_V3 = 2
const PACKET_MR_PROMISC = 1

/** The kernel checks the ring's shape with it; TPACKET_V3 packs packets of any size. */
const FRAME_BYTES = 2048
/** A block is handed over after so long even when it is not full. */
const RETIRE_MILLISECONDS = { minimum: 10, maximum: 100 } as const
/** At low rates a block goes by each time, however little is in it: so long the ring lasts when nobody reads it. */
const RING_LASTS_MILLISECONDS = 320

/**
 * Opens the socket and lets `place` map its ring. Packets flow when it returns; when the interface is down they will
 * once it is up. Throws `SystemCallError`, with a hint where the operator can do something, and leaves nothing open.
 */
export function openPacketSocket(options: SocketOptions, place: (fd: number) => void): PacketSocket {
  // With protocol 0 nothing is received before bind, so nothing passes by the filter.
  const type = (options.isCooked ? SOCK_DGRAM : SOCK_RAW) | SOCK_CLOEXEC
  const fd = checked(socket(AF_PACKET, type, 0), 'socket AF_PACKET', options)
  try {
    setOption(fd, PACKET_VERSION, Int32Array.of(TPACKET_V3), 'PACKET_VERSION', options)
    attachFilter(fd, options)
    createRing(fd, options)
    place(fd)
    attachToInterface(fd, options)
  } catch (error) {
    close(fd)
    throw error
  }
  return {
    fd,
    boundIndex: () => boundIndexOf(fd),
    takeError: () => takeErrorOf(fd),
    takeStatistics: () => takeStatisticsOf(fd),
    close: () => void close(fd),
  }
}

function attachFilter(fd: number, options: SocketOptions): void {
  const ingressOnly = options.direction === 'ingress'
  const program = captureFilter({ snapBytes: options.snapBytes, ingressOnly, ipOnly: options.isCooked })
  const attached = setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, filterRequest(program), SOCK_FPROG.bytes)
  checked(attached, 'SO_ATTACH_FILTER', options)
  // Spares the kernel a copy of each packet sent. The filter does the work where this is unknown or without effect.
  if (ingressOnly) setsockopt(fd, SOL_PACKET, PACKET_IGNORE_OUTGOING, Int32Array.of(1), 4)
}

/** struct sock_fprog with the program it points to behind it, in one buffer, so that neither outlives the other. */
export function filterRequest(program: readonly Instruction[]): DataView {
  const request = new DataView(new ArrayBuffer(SOCK_FPROG.bytes + program.length * INSTRUCTION_BYTES))
  new Uint8Array(request.buffer).set(encodeFilter(program), SOCK_FPROG.bytes)
  request.setUint16(SOCK_FPROG.length, program.length, true)
  request.setBigUint64(SOCK_FPROG.filter, addressOf(request.buffer) + BigInt(SOCK_FPROG.bytes), true)
  return request
}

function createRing(fd: number, { blockCount, ...options }: SocketOptions): void {
  const frames = (BLOCK_BYTES / FRAME_BYTES) * blockCount
  const request = Uint32Array.of(
    BLOCK_BYTES,
    blockCount,
    FRAME_BYTES,
    frames,
    retireMilliseconds(blockCount),
    0,
    0,
  )
  setOption(fd, PACKET_RX_RING, request, `PACKET_RX_RING of ${blockCount} MiB`, options)
}

/** A tenth of a detection tick, or longer when a small ring would be round too soon. */
export function retireMilliseconds(blockCount: number): number {
  const { minimum, maximum } = RETIRE_MILLISECONDS
  return Math.min(maximum, Math.max(minimum, Math.ceil(RING_LASTS_MILLISECONDS / blockCount)))
}

function attachToInterface(fd: number, options: SocketOptions): void {
  const address = new DataView(new ArrayBuffer(SOCKADDR_LL.bytes))
  address.setUint16(SOCKADDR_LL.family, AF_PACKET, true)
  address.setUint16(SOCKADDR_LL.protocol, ETH_P_ALL, false)
  address.setInt32(SOCKADDR_LL.ifindex, options.interfaceIndex, true)
  checked(bind(fd, address, SOCKADDR_LL.bytes), `bind to ${options.interface}`, options)
  if (options.fanoutGroup !== undefined) {
    const word = fanoutWord(options.fanoutGroup, options.fanoutMode, options.direction === 'ingress')
    setOption(fd, PACKET_FANOUT, Uint32Array.of(word), 'PACKET_FANOUT', options)
  }
  if (options.promiscuous) {
    const membership = new DataView(new ArrayBuffer(PACKET_MREQ.bytes))
    membership.setInt32(PACKET_MREQ.ifindex, options.interfaceIndex, true)
    membership.setUint16(PACKET_MREQ.type, PACKET_MR_PROMISC, true)
    setOption(fd, PACKET_ADD_MEMBERSHIP, membership, 'PACKET_ADD_MEMBERSHIP', options)
  }
}

function boundIndexOf(fd: number): number {
  const address = new DataView(new ArrayBuffer(SOCKADDR_LL.bytes))
  const length = Uint32Array.of(SOCKADDR_LL.bytes)
  return getsockname(fd, address, length) < 0 ? -1 : address.getInt32(SOCKADDR_LL.ifindex, true)
}

function takeErrorOf(fd: number): number {
  const value = new Int32Array(1)
  return getsockopt(fd, SOL_SOCKET, SO_ERROR, value, Uint32Array.of(4)) < 0 ? 0 : (value[0] ?? 0)
}

function takeStatisticsOf(fd: number): SocketStatistics {
  const words = new Uint32Array(TPACKET_STATS_V3_WORDS)
  getsockopt(fd, SOL_PACKET, PACKET_STATISTICS, words, Uint32Array.of(words.byteLength))
  const [packets = 0, drops = 0, freezes = 0] = words
  return { packets, drops, freezes }
}

type HintOptions = Pick<SocketOptions, 'interface' | 'fanoutGroup'>

function setOption(
  fd: number,
  option: number,
  value: ArrayBufferView,
  call: string,
  options: HintOptions,
): void {
  checked(setsockopt(fd, SOL_PACKET, option, value, value.byteLength), call, options)
}

function checked(result: number, call: string, options: HintOptions): number {
  if (result >= 0) return result
  const number = errno()
  throw new SystemCallError(call, number, hintFor(number, options))
}

/** What the operator can do about it. */
function hintFor(number: number, options: HintOptions): string | undefined {
  switch (number) {
    case constants.errno.EPERM:
      return 'capturing needs CAP_NET_RAW: run as root, or grant it by setcap or AmbientCapabilities'
    case constants.errno.ENODEV:
      return `there is no interface ${options.interface}`
    case constants.errno.ENOMEM:
      return 'the ring does not fit in memory: lower ringMegabytes'
    case constants.errno.EAFNOSUPPORT:
      return 'this kernel has no packet sockets'
    case constants.errno.EINVAL:
      return options.fanoutGroup === undefined
        ? undefined
        : `${options.interface} is down, or fan-out group ${options.fanoutGroup} is used otherwise`
    default:
      return undefined
  }
}
