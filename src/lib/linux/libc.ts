// The system calls Node lacks, through koffi. Thin: numbers in, numbers out; errors as values with errno.
//
// Buffers passed by address (iovec, attributes) are not kept alive by the call: whoever builds such a structure
// holds the buffers in a long-lived object.

import koffi from 'koffi'

const libc = koffi.load('libc.so.6')

export const socket: (domain: number, type: number, protocol: number) => number =
  libc.func('int socket(int, int, int)')
export const setsockopt: (
  fd: number,
  level: number,
  option: number,
  value: ArrayBufferView,
  length: number,
) => number = libc.func('int setsockopt(int, int, int, const void *, uint32_t)')
export const getsockopt: (
  fd: number,
  level: number,
  option: number,
  value: ArrayBufferView,
  length: Uint32Array,
) => number = libc.func('int getsockopt(int, int, int, _Inout_ void *, _Inout_ uint32_t *)')
export const bind: (fd: number, address: ArrayBufferView, length: number) => number = libc.func(
  'int bind(int, const void *, uint32_t)',
)
export const connect: (fd: number, address: ArrayBufferView, length: number) => number = libc.func(
  'int connect(int, const void *, uint32_t)',
)
export const poll: (fds: ArrayBufferView, count: number, timeoutMs: number) => number = libc.func(
  'int poll(void *, ulong, int)',
)
export const close: (fd: number) => number = libc.func('int close(int)')
/** Fills `fds` with the reading and the writing end. */
export const pipe2: (fds: Int32Array, flags: number) => number = libc.func('int pipe2(_Out_ int *, int)')
export const getsockname: (fd: number, address: ArrayBufferView, length: Uint32Array) => number = libc.func(
  'int getsockname(int, _Inout_ void *, _Inout_ uint32_t *)',
)
export const sendto: (
  fd: number,
  bytes: ArrayBufferView,
  length: number,
  flags: number,
  address: ArrayBufferView,
  addressLength: number,
) => number = libc.func('long sendto(int, const void *, size_t, int, const void *, uint32_t)')
export const ioctl: (fd: number, request: number, argument: ArrayBufferView) => number = libc.func(
  'int ioctl(int, ulong, _Inout_ void *)',
)
export const flock: (fd: number, operation: number) => number = libc.func('int flock(int, int)')
export const capset: (header: ArrayBufferView, sets: ArrayBufferView) => number = libc.func(
  'int capset(_Inout_ void *, const void *)',
)
export const prctl: (option: number, a: number, b: number, c: number, d: number) => number = libc.func(
  'int prctl(int, unsigned long, unsigned long, unsigned long, unsigned long)',
)
export const sendmmsg: (fd: number, messages: bigint, count: number, flags: number) => number = libc.func(
  'int sendmmsg(int, uintptr_t, unsigned int, int)',
)
/** The last argument, a timeout, is left out: it is looked at between two messages alone (recvmmsg(2), BUGS). */
export const recvmmsg: (fd: number, messages: bigint, count: number, flags: number, timeout: null) => number =
  libc.func('int recvmmsg(int, uintptr_t, unsigned int, int, void *)')
export const madvise: (address: bigint, length: number, advice: number) => number = libc.func(
  'int madvise(uintptr_t, size_t, int)',
)
/** malloc's own settings; answers 1 when it took one over. */
export const mallopt: (parameter: number, value: number) => number = libc.func('int mallopt(int, int)')
export const mallocTrim: (keptBytes: number) => number = libc.func('malloc_trim', 'int', ['size_t'])
export const schedSetaffinity: (thread: number, bytes: number, mask: ArrayBufferView) => number = libc.func(
  'int sched_setaffinity(int, size_t, const void *)',
)
export const interfaceIndex: (name: string) => number = libc.func('uint32_t if_nametoindex(const char *)')
export const syscall: (
  number: number,
  a: number | bigint,
  b: number | bigint,
  c: number | bigint,
  d: number | bigint,
  e: number | bigint,
  f: number | bigint,
) => number = libc.func('long syscall(long, long, long, long, long, long, long)')

const mmapRaw: (
  address: bigint | null,
  length: number,
  protection: number,
  flags: number,
  fd: number,
  offset: number,
) => bigint | null = libc.func('void *mmap(void *, size_t, int, int, int, int64_t)')
const munmapRaw: (address: bigint, length: number) => number = libc.func('int munmap(void *, size_t)')
const strerrorRaw: (errno: number) => string = libc.func('const char *strerror(int)')

const PROT_READ_WRITE = 3
const MAP_SHARED = 1
const MAP_PRIVATE_ANONYMOUS = 0x22
const MAP_FIXED = 0x10
const MAP_NORESERVE = 0x4000
const MAP_POPULATE = 0x8000
const MAP_FAILED = 0xffff_ffff_ffff_ffffn

export const errno = (): number => koffi.errno()

/** The system's words for an error number. */
export const strerror = (number: number): string => strerrorRaw(number)

/** Address of a buffer as a number for structures that hold pointers. Keep the buffer referenced as long as the kernel may use it. */
export const addressOf = (buffer: ArrayBuffer | Uint8Array): bigint => BigInt(koffi.address(buffer))

/** Memory shared with the kernel. After `unmap` nothing may touch `buffer`: the process would die. */
export interface Mapping {
  readonly buffer: ArrayBuffer
  unmap(): void
}

/** Maps a descriptor's memory read-write and shared; throws `SystemCallError`. */
export function mapShared(fd: number, bytes: number, offset = 0): Mapping {
  const address = mmapRaw(null, bytes, PROT_READ_WRITE, MAP_SHARED | MAP_POPULATE, fd, offset)
  if (address === null || BigInt(address) === MAP_FAILED) throw new SystemCallError('mmap', koffi.errno())
  return { buffer: koffi.view(address, bytes), unmap: () => void munmapRaw(address, bytes) }
}

/** A range of addresses that stays readable for the life of the process, whatever lies behind it. */
export interface Reservation {
  readonly buffer: ArrayBuffer
  /** Puts the descriptor's memory there instead of what was there; throws `SystemCallError`, then zeros are there. */
  place(fd: number): void
  /** Puts zeros there, which cost no memory until they are written. */
  vacate(): void
}

/**
 * Reserves addresses, filled with zeros at first; throws `SystemCallError`.
 * They are never given back, so no view can be left pointing at nothing: a view that outlives its device reads zeros
 * instead of ending the process.
 */
export function reserve(bytes: number): Reservation {
  const blank = MAP_PRIVATE_ANONYMOUS | MAP_NORESERVE
  const address = mmapChecked(null, bytes, blank, -1)
  const vacate = () => void mmapChecked(address, bytes, blank | MAP_FIXED, -1)
  const place = (fd: number) => {
    try {
      mmapChecked(address, bytes, MAP_SHARED | MAP_POPULATE | MAP_FIXED, fd)
    } catch (error) {
      // The kernel may have taken away the old pages before it refused: no hole may stay.
      vacate()
      throw error
    }
  }
  return { buffer: koffi.view(address, bytes), place, vacate }
}

function mmapChecked(at: bigint | null, bytes: number, flags: number, fd: number): bigint {
  const address = mmapRaw(at, bytes, PROT_READ_WRITE, flags, fd, 0)
  if (address === null || BigInt(address) === MAP_FAILED) throw new SystemCallError('mmap', koffi.errno())
  return BigInt(address)
}

/** A system call that failed where the caller cannot go on: what was tried, errno, and what to do about it if we know. */
export class SystemCallError extends Error {
  readonly call: string
  readonly errno: number

  constructor(call: string, errno: number, hint?: string) {
    super(`${call}: ${strerrorRaw(errno)}${hint === undefined ? '' : ` (${hint})`}`)
    this.name = 'SystemCallError'
    this.call = call
    this.errno = errno
  }
}

/** The result of a call that must not fail; throws `SystemCallError` when it is negative. */
export function must(result: number, call: string): number {
  if (result < 0) throw new SystemCallError(call, koffi.errno())
  return result
}
