// Assembles eBPF instructions (RFC 9669) with named jump targets, so programs need no compiler and no binary file.

import { assert } from '#lib/assert.ts'
import {
  ALU,
  ATOMIC,
  ATOMIC_MODE,
  CLASS,
  FROM_REGISTER,
  IMMEDIATE_KIND,
  JUMP,
  MEMORY_MODE,
  OPCODE,
  type Register,
  SIZE_CODE,
  type Size,
} from './opcode.ts'

/** A 32-bit number in the instruction itself; 64-bit operations extend its sign. */
export interface Immediate {
  readonly immediate: number
}

export type Operand = Register | Immediate

export const immediate = (value: number): Immediate => ({ immediate: value })

interface Instruction {
  readonly opcode: number
  readonly target: number
  readonly source: number
  readonly offset: number
  readonly immediate: number
  readonly jumpsTo?: string
}

const INSTRUCTION_BYTES = 8

/** Collects instructions in order; every method returns the assembler so that a step of a program reads as one line. */
export class Assembler {
  readonly #instructions: Instruction[] = []
  readonly #labels = new Map<string, number>()

  /** Instructions so far. */
  get length(): number {
    return this.#instructions.length
  }

  /** Names the next instruction as a jump target. A name is given once. */
  label(name: string): this {
    assert(!this.#labels.has(name), `label ${name} is defined once`)
    this.#labels.set(name, this.#instructions.length)
    return this
  }

  /** 64-bit arithmetic: `target = target operation operand`. */
  alu(operation: keyof typeof ALU, target: Register, operand: Operand): this {
    return this.#binary(CLASS.alu64 | ALU[operation], target, operand, 0)
  }

  /** 32-bit arithmetic; the upper half of the target becomes zero. */
  alu32(operation: keyof typeof ALU, target: Register, operand: Operand): this {
    return this.#binary(CLASS.alu32 | ALU[operation], target, operand, 0)
  }

  mov(target: Register, operand: Operand): this {
    return this.alu('mov', target, operand)
  }

  /** Turns the low bits of a register from the machine's byte order to the network's and clears the others. */
  toBigEndian(target: Register, bits: 16 | 32 | 64): this {
    return this.#add(OPCODE.toBigEndian, target, 0, 0, bits)
  }

  load(size: Size, target: Register, address: Register, offset: number): this {
    return this.#add(CLASS.loadMemory | MEMORY_MODE | SIZE_CODE[size], target, address, offset, 0)
  }

  store(size: Size, address: Register, offset: number, value: Operand): this {
    return typeof value === 'number'
      ? this.#add(CLASS.storeRegister | MEMORY_MODE | SIZE_CODE[size], address, value, offset, 0)
      : this.#add(CLASS.storeImmediate | MEMORY_MODE | SIZE_CODE[size], address, 0, offset, value.immediate)
  }

  /** Atomic change of a word in memory; fetching operations leave the old value in `value` (or in register 0). */
  atomic(
    operation: keyof typeof ATOMIC,
    size: 4 | 8,
    address: Register,
    offset: number,
    value: Register,
  ): this {
    const opcode = CLASS.storeRegister | ATOMIC_MODE | SIZE_CODE[size]
    return this.#add(opcode, address, value, offset, ATOMIC[operation])
  }

  /** Jumps to the label when `left condition right` holds for the 64-bit values, unsigned unless the condition says signed. */
  jumpIf(condition: keyof typeof JUMP, left: Register, right: Operand, label: string): this {
    return this.#binary(CLASS.jump | JUMP[condition], left, right, 0, label)
  }

  jump(label: string): this {
    return this.#add(OPCODE.jumpAlways, 0, 0, 0, 0, label)
  }

  /** Calls a function of the kernel (`FUNCTION`); registers 1 to 5 are lost, the result is in register 0. */
  call(kernelFunction: number): this {
    return this.#add(OPCODE.call, 0, 0, 0, kernelFunction)
  }

  exit(): this {
    return this.#add(OPCODE.exit, 0, 0, 0, 0)
  }

  /** A 64-bit number; takes the room of two instructions. */
  loadNumber(target: Register, value: bigint): this {
    return this.#wide(
      target,
      IMMEDIATE_KIND.number,
      Number(BigInt.asIntN(32, value)),
      Number(BigInt.asIntN(32, value >> 32n)),
    )
  }

  /** The map behind a descriptor of the loading process, as map functions want it. */
  loadMap(target: Register, descriptor: number): this {
    return this.#wide(target, IMMEDIATE_KIND.map, descriptor, 0)
  }

  /** Address of a byte in the value of a one-entry array map: reading and writing it needs no look-up. */
  loadMapValue(target: Register, descriptor: number, offset: number): this {
    return this.#wide(target, IMMEDIATE_KIND.mapValue, descriptor, offset)
  }

  /** The program as the kernel takes it: eight bytes an instruction, little-endian. A jump to an unknown label is a bug. */
  bytes(): Uint8Array<ArrayBuffer> {
    const bytes = new Uint8Array(this.#instructions.length * INSTRUCTION_BYTES)
    const view = new DataView(bytes.buffer)
    for (const [index, instruction] of this.#instructions.entries()) {
      const at = index * INSTRUCTION_BYTES
      view.setUint8(at, instruction.opcode)
      view.setUint8(at + 1, instruction.target | (instruction.source << 4))
      view.setInt16(at + 2, this.#offsetOf(instruction, index), true)
      view.setInt32(at + 4, instruction.immediate, true)
    }
    return bytes
  }

  #offsetOf(instruction: Instruction, index: number): number {
    if (instruction.jumpsTo === undefined) return instruction.offset
    const target = this.#labels.get(instruction.jumpsTo)
    assert(target !== undefined, `label ${instruction.jumpsTo} is defined`)
    const offset = target - index - 1
    assert(fitsSigned(offset, 16), `jump to ${instruction.jumpsTo} spans at most 32767 instructions`)
    return offset
  }

  #binary(operation: number, target: Register, operand: Operand, offset: number, label?: string): this {
    return typeof operand === 'number'
      ? this.#add(operation | FROM_REGISTER, target, operand, offset, 0, label)
      : this.#add(operation, target, 0, offset, operand.immediate, label)
  }

  #wide(target: Register, kind: number, low: number, high: number): this {
    this.#add(OPCODE.loadImmediate64, target, kind, 0, low)
    return this.#add(0, 0, 0, 0, high)
  }

  #add(opcode: number, target: number, source: number, offset: number, value: number, label?: string): this {
    assert(fitsSigned(offset, 16), `offset ${offset} fits 16 bits`)
    // Unsigned 32-bit constants are welcome: the bits are what counts.
    assert(
      Number.isInteger(value) && value >= -(2 ** 31) && value < 2 ** 32,
      `immediate ${value} fits 32 bits`,
    )
    const instruction = { opcode, target, source, offset, immediate: value | 0 }
    this.#instructions.push(label === undefined ? instruction : { ...instruction, jumpsTo: label })
    return this
  }
}

function fitsSigned(value: number, bits: number): boolean {
  return Number.isInteger(value) && value >= -(2 ** (bits - 1)) && value < 2 ** (bits - 1)
}
