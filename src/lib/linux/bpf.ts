// bpf(2) without a library: maps, XDP programs and test runs with live frames (linux/bpf.h).

import { assert } from '#lib/assert.ts'
import { addressOf, close, errno, must, SystemCallError, strerror, syscall } from './libc.ts'
import { syscallNumber } from './syscall-number.ts'

const COMMAND = { mapCreate: 0, programLoad: 5, programTestRun: 10 } as const
const MAP_TYPE_ARRAY = 2
const MAP_FLAG_MMAPABLE = 1 << 10
const PROGRAM_TYPE_XDP = 6
const TEST_RUN_LIVE_FRAMES = 2
const LICENSE = 'GPL\0'
const NAME_BYTES = 15
const LOG_BYTES = 1 << 20
const ATTRIBUTE_BYTES = 128
const XDP_CONTEXT_BYTES = 24
const EINTR = 4
const EAGAIN = 11

/** Creates a one-entry array map whose value can be mapped into this process (`mapShared`); throws `SystemCallError`. */
export function createSharedValue(name: string, valueBytes: number): number {
  const attributes = new Attributes().u32(0, MAP_TYPE_ARRAY).u32(4, 4).u32(8, valueBytes).u32(12, 1)
  return must(attributes.u32(16, MAP_FLAG_MMAPABLE).text(28, name).call(COMMAND.mapCreate), `bpf map ${name}`)
}

/** The verifier's refusal of a program, with the end of its log: a bug in the program or a missing capability. */
export class ProgramRefused extends Error {
  readonly errno: number

  constructor(name: string, reason: number, log: string) {
    super(`bpf program ${name}: ${strerror(reason)}\n${log}`)
    this.name = 'ProgramRefused'
    this.errno = reason
  }
}

/** Loads an XDP program and returns its descriptor; throws `ProgramRefused`. */
export function loadXdpProgram(name: string, instructions: Uint8Array<ArrayBuffer>): number {
  assert(instructions.byteOffset === 0, 'instructions begin their buffer')
  const license = new TextEncoder().encode(LICENSE).buffer
  const attributes = new Attributes().u32(0, PROGRAM_TYPE_XDP).u32(4, instructions.length / 8)
  attributes.pointer(8, instructions.buffer).pointer(16, license).text(48, name)
  const loaded = attributes.call(COMMAND.programLoad)
  if (loaded >= 0) return loaded
  // The log costs time even for a good program, so only a refused one is loaded again with it.
  const log = new ArrayBuffer(LOG_BYTES)
  const again = attributes.u32(24, 1).u32(28, LOG_BYTES).pointer(32, log).call(COMMAND.programLoad)
  if (again >= 0) return again
  const reason = errno()
  throw new ProgramRefused(name, reason, new TextDecoder().decode(log).split('\0')[0]?.slice(-3000) ?? '')
}

/** Runs an XDP program over copies of one frame; the frames it passes enter the stack as if an interface had received them. */
export class LiveFrames implements Disposable {
  readonly #program: number
  readonly #attributes: Attributes

  /** The interface is one of the calling process's network namespace. The program's descriptor is closed with this object. */
  constructor(program: number, frame: Uint8Array, interfaceIndex: number) {
    const context = new DataView(new ArrayBuffer(XDP_CONTEXT_BYTES))
    context.setUint32(4, frame.length, true)
    context.setUint32(12, interfaceIndex, true)
    const frameCopy = new Uint8Array(frame)
    this.#program = program
    this.#attributes = new Attributes().u32(0, program).u32(8, frame.length).pointer(16, frameCopy.buffer)
    this.#attributes.u32(40, XDP_CONTEXT_BYTES).pointer(48, context.buffer).u32(64, TEST_RUN_LIVE_FRAMES)
  }

  /**
   * Runs the program `repeat` times. A signal may end it early: what was sent is what the program counted. A call
   * costs some 25 ms before its first frame. Throws `SystemCallError`.
   */
  run(repeat: number): void {
    const result = this.#attributes.u32(32, repeat).call(COMMAND.programTestRun)
    if (result >= 0) return
    const reason = errno()
    if (reason !== EINTR && reason !== EAGAIN) throw new SystemCallError('bpf test run', reason)
  }

  [Symbol.dispose](): void {
    close(this.#program)
  }
}

/** union bpf_attr by byte offset, the same on x64 and arm64. Keeps the buffers it points to alive. */
class Attributes {
  readonly #view = new DataView(new ArrayBuffer(ATTRIBUTE_BYTES))
  readonly #pointedTo = new Map<number, ArrayBuffer>()

  u32(at: number, value: number): this {
    this.#view.setUint32(at, value, true)
    return this
  }

  pointer(at: number, buffer: ArrayBuffer): this {
    this.#pointedTo.set(at, buffer)
    this.#view.setBigUint64(at, addressOf(buffer), true)
    return this
  }

  text(at: number, value: string): this {
    new Uint8Array(this.#view.buffer).set(new TextEncoder().encode(value).subarray(0, NAME_BYTES), at)
    return this
  }

  /** The command's result; negative means errno says why. */
  call(command: number): number {
    const address = addressOf(this.#view.buffer)
    return Number(syscall(syscallNumber('bpf'), command, address, ATTRIBUTE_BYTES, 0, 0, 0))
  }
}
