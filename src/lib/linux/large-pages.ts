// Memory that the processor maps in large pages of 2 MiB: tables in which every look goes elsewhere then find their pages
// in its caches. Where the system gives none it is memory like any other.

import { addressOf, madvise } from './libc.ts'

const MADV_HUGEPAGE = 14

/** Zeros from a multiple of `alignment` (a power of two) on, which take memory where they are touched, a large page at a time. */
export function reserveLargePages(
  bytes: number,
  alignment: number,
): { readonly buffer: SharedArrayBuffer; readonly offset: number } {
  const buffer = new SharedArrayBuffer(bytes + alignment)
  const address = addressOf(new Uint8Array(buffer))
  const offset = Number(-address & BigInt(alignment - 1))
  // Refused where the kernel has no large pages: it is only slower then.
  madvise(address + BigInt(offset), bytes, MADV_HUGEPAGE)
  return { buffer, offset }
}
