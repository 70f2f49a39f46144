// Numbers of the eBPF instruction set (RFC 9669) and of the kernel functions a program may call (linux/bpf.h).

export type Register = 0 | 1 | 2 | 3 | 4 | 5 | 6 | 7 | 8 | 9 | 10

/** Bytes moved by a load or a store. */
export type Size = 1 | 2 | 4 | 8

/** Instruction classes: the low three bits of an opcode. */
export const CLASS = {
  load: 0x00,
  loadMemory: 0x01,
  storeImmediate: 0x02,
  storeRegister: 0x03,
  alu32: 0x04,
  jump: 0x05,
  alu64: 0x07,
} as const

/** Set when the second operand is a register, clear when it is an immediate. */
export const FROM_REGISTER = 0x08

export const MEMORY_MODE = 0x60
export const ATOMIC_MODE = 0xc0

export const SIZE_CODE = { 1: 0x10, 2: 0x08, 4: 0x00, 8: 0x18 } as const satisfies Record<Size, number>

export const ALU = {
  add: 0x00,
  sub: 0x10,
  mul: 0x20,
  div: 0x30,
  or: 0x40,
  and: 0x50,
  shiftLeft: 0x60,
  shiftRight: 0x70,
  mod: 0x90,
  xor: 0xa0,
  mov: 0xb0,
  shiftRightSigned: 0xc0,
} as const

export const JUMP = {
  equal: 0x10,
  greater: 0x20,
  greaterOrEqual: 0x30,
  anyBit: 0x40,
  notEqual: 0x50,
  greaterSigned: 0x60,
  greaterOrEqualSigned: 0x70,
  less: 0xa0,
  lessOrEqual: 0xb0,
} as const

export const ATOMIC = { add: 0x00, fetchAdd: 0x01, compareExchange: 0xf1 } as const

/** Opcodes that stand for themselves. */
export const OPCODE = {
  jumpAlways: 0x05,
  loadImmediate64: 0x18,
  call: 0x85,
  exit: 0x95,
  toBigEndian: 0xdc,
} as const

/** What the source field of a 64-bit immediate load says about its number. */
export const IMMEDIATE_KIND = { number: 0, map: 1, mapValue: 2 } as const

export const FUNCTION = {
  mapLookup: 1,
  mapUpdate: 2,
  mapDelete: 3,
  monotonicNanos: 5,
  random32: 7,
  processorNumber: 8,
  xdpAdjustTail: 65,
} as const

/** What an XDP program answers. */
export const XDP = { aborted: 0, drop: 1, pass: 2, transmit: 3, redirect: 4 } as const
