// Frames for tests and benches, built layer by layer: each function puts a header before what it is given.

import { ETHER_TYPE } from './layer.ts'
import { PROTOCOL } from './transport.ts'

export type Bytes = readonly number[]

export const u16 = (value: number): number[] => [(value >> 8) & 255, value & 255]
export const u32 = (value: number): number[] => [...u16(value >>> 16), ...u16(value)]
export const filled = (length: number, byte = 0xee): number[] => Array<number>(length).fill(byte)

export const SOURCE_V4: Bytes = [198, 18, 0, 7]
export const TARGET_V4: Bytes = [10, 99, 1, 250]
export const SOURCE_V6: Bytes = [0x20, 1, 0xd, 0xb8, 0xff, 0xfe, 0xfd, 0xfc, 1, 2, 3, 4, 5, 6, 7, 8]
export const TARGET_V6: Bytes = [0x20, 1, 0xd, 0xb8, 0, 0x99, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x99]

export const ethernet = (etherType: number, payload: Bytes): number[] => [
  ...[2, 0, 0, 0, 0, 1],
  ...[2, 0, 0, 0, 0, 2],
  ...u16(etherType),
  ...payload,
]

/** A VLAN tag as it stands behind its EtherType. */
export const tag = (identifier: number, etherType: number, payload: Bytes): number[] => [
  ...u16(0x6000 | identifier),
  ...u16(etherType),
  ...payload,
]

/** One entry of an MPLS stack. */
export const label = (value: number, isBottom: boolean, payload: Bytes): number[] => [
  ...u32((value << 12) | (isBottom ? 0x140 : 0x40)),
  ...payload,
]

export const snap = (etherType: number, payload: Bytes): number[] => [
  ...[0xaa, 0xaa, 3, 0, 0, 0],
  ...u16(etherType),
  ...payload,
]

export const pppoe = (code: number, payload: Bytes): number[] => [
  ...[0x11, code, 0, 42],
  ...u16(payload.length),
  ...payload,
]

interface Ipv4Fields {
  readonly protocol: number
  readonly payload: Bytes
  readonly options?: Bytes
  /** Flags and offset as they stand in the header. */
  readonly fragment?: number
  /** Total length, when it is to differ from the real one. */
  readonly length?: number
}

export function ipv4({ protocol, payload, options = [], fragment = 0, length }: Ipv4Fields): number[] {
  const headerBytes = 20 + options.length
  return [
    ...[0x40 | (headerBytes >> 2), 0],
    ...u16(length ?? headerBytes + payload.length),
    ...u16(0x1234),
    ...u16(fragment),
    ...[57, protocol, 0, 0],
    ...SOURCE_V4,
    ...TARGET_V4,
    ...options,
    ...payload,
  ]
}

interface Ipv6Fields {
  readonly next: number
  readonly payload: Bytes
  /** Payload length, when it is to differ from the real one. */
  readonly length?: number
}

export const ipv6 = ({ next, payload, length }: Ipv6Fields): number[] => [
  ...u32(0x60012345),
  ...u16(length ?? payload.length),
  ...[next, 63],
  ...SOURCE_V6,
  ...TARGET_V6,
  ...payload,
]

/** A hop-by-hop, routing, destination, mobility, HIP or shim6 header of `words` times eight bytes. */
export const extension = (next: number, payload: Bytes, words = 1): number[] => [
  ...[next, words - 1],
  ...filled(words * 8 - 2, 0),
  ...payload,
]

export const authentication = (next: number, payload: Bytes): number[] => [
  ...[next, 4],
  ...filled(22, 0),
  ...payload,
]

/** Offset in bytes. */
export const fragment6 = (next: number, offset: number, more: boolean, payload: Bytes): number[] => [
  ...[next, 0],
  ...u16(offset | (more ? 1 : 0)),
  ...u32(0xabcd),
  ...payload,
]

export const udp = (source: number, target: number, payload: Bytes = filled(18)): number[] => [
  ...u16(source),
  ...u16(target),
  ...u16(payload.length + 8),
  ...[0, 0],
  ...payload,
]

export const tcp = (source: number, target: number, flags: number, payload: Bytes = []): number[] => [
  ...u16(source),
  ...u16(target),
  ...u32(1),
  ...u32(2),
  ...[0x50, flags],
  ...u16(0xffff),
  ...[0, 0, 0, 0],
  ...payload,
]

export const icmp = (type: number, code: number): number[] => [type, code, 0, 0, 0, 1, 0, 2]

/** SCTP's common header or DCCP's generic one: twelve bytes that begin with ports. */
export const sctp = (source: number, target: number): number[] => [
  ...u16(source),
  ...u16(target),
  ...filled(8),
]

/** `flags` as they stand in the header; `words` are the optional fields they announce. */
export const gre = (flags: number, etherType: number, words: number, payload: Bytes): number[] => [
  ...u16(flags),
  ...u16(etherType),
  ...filled(words * 4),
  ...payload,
]

export const udpV4 = (): number[] => ipv4({ protocol: PROTOCOL.udp, payload: udp(1900, 80) })
export const udpV6 = (): number[] => ipv6({ next: PROTOCOL.udp, payload: udp(1900, 80) })
export const udpFrame = (): number[] => ethernet(ETHER_TYPE.ipv4, udpV4())

/** Puts frames one after the other into one buffer and says where each begins and ends. */
export function layOut(frames: readonly Bytes[]): { view: DataView; at: Int32Array; end: Int32Array } {
  const at = new Int32Array(frames.length)
  const end = new Int32Array(frames.length)
  let length = 0
  for (const [index, frame] of frames.entries()) {
    at[index] = length
    length += frame.length
    end[index] = length
  }
  const memory = new Uint8Array(new ArrayBuffer(length))
  for (const [index, frame] of frames.entries()) memory.set(frame, at[index])
  return { view: new DataView(memory.buffer), at, end }
}
