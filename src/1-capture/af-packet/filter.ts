// The classic BPF program on a ring's socket (linux/filter.h): which packets it takes and how much of each.

import { PACKET_TYPE } from './layout.ts'

export interface FilterOptions {
  /** Bytes of each frame the kernel copies; the length on the wire is kept beside them. */
  readonly snapBytes: number
  /** Leave out what this machine sends. */
  readonly ingressOnly: boolean
  /** Take IPv4 and IPv6 only: without a link layer nothing in the frame tells them from other protocols. */
  readonly ipOnly: boolean
}

/** struct sock_filter: code, jump if true, jump if false (counted from the next instruction), operand. */
export type Instruction = readonly [code: number, ifTrue: number, ifFalse: number, operand: number]

export const INSTRUCTION_BYTES = 8

/** Instruction codes: load a word, jump if equal, return a constant. */
export const LOAD = 0x20
export const JUMP_IF_EQUAL = 0x15
export const RETURN = 0x06

/** Loads from these places read what the kernel knows of a packet instead of its bytes. */
export const AD_PROTOCOL = 0xffff_f000
export const AD_PACKET_TYPE = 0xffff_f004

const ETHERTYPE_IPV4 = 0x0800
const ETHERTYPE_IPV6 = 0x86dd

/**
 * The program for these options.
 *
 * The direction is asked here although PACKET_IGNORE_OUTGOING and the flag of the same name for a fan-out do it
 * earlier: kernels before 4.20 have neither, and the option is silently without effect on a member of a fan-out.
 */
export function captureFilter(options: FilterOptions): Instruction[] {
  const program: Instruction[] = []
  if (options.ingressOnly) {
    program.push([LOAD, 0, 0, AD_PACKET_TYPE], [JUMP_IF_EQUAL, 0, 1, PACKET_TYPE.outgoing], [RETURN, 0, 0, 0])
  }
  if (options.ipOnly) {
    program.push([LOAD, 0, 0, AD_PROTOCOL], [JUMP_IF_EQUAL, 2, 0, ETHERTYPE_IPV4])
    program.push([JUMP_IF_EQUAL, 1, 0, ETHERTYPE_IPV6], [RETURN, 0, 0, 0])
  }
  program.push([RETURN, 0, 0, options.snapBytes])
  return program
}

/** The program as the kernel reads it. */
export function encodeFilter(program: readonly Instruction[]): Uint8Array {
  const bytes = new Uint8Array(program.length * INSTRUCTION_BYTES)
  const view = new DataView(bytes.buffer)
  for (const [index, [code, ifTrue, ifFalse, operand]] of program.entries()) {
    const at = index * INSTRUCTION_BYTES
    view.setUint16(at, code, true)
    view.setUint8(at + 2, ifTrue)
    view.setUint8(at + 3, ifFalse)
    view.setUint32(at + 4, operand, true)
  }
  return bytes
}
