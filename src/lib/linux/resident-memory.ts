// Memory that a process keeps though it no longer needs it, and how it is given back.
//
// Starting touches most of Node's program file, and running a small part of it. The kernel counts what was touched as
// resident until memory runs short; told so, it lets go at once, and what is needed again comes back from its cache.

import { readFileSync } from 'node:fs'
import { madvise, mallocTrim, mallopt } from './libc.ts'

const MADV_DONTNEED = 4
const M_ARENA_MAX = -8
/** The header of a mapping in /proc/PID/smaps: first and last address, rights, offset, device, inode, path. */
const MAPPING = /^([0-9a-f]+)-([0-9a-f]+) (....) [0-9a-f]+ \S+ (\d+) +(\/.*)$/
const DIRTY = /^(?:Private_Dirty|Shared_Dirty|Swap|Anonymous): +(\d+) kB$/

/** Addresses of a file's pages that are as the file has them. */
export interface CleanMapping {
  readonly from: bigint
  readonly to: bigint
}

/** Mappings of the text of /proc/PID/smaps that hold private, unwritable and unchanged pages of files. */
export function cleanMappings(smaps: string): CleanMapping[] {
  const found: CleanMapping[] = []
  let current: CleanMapping | undefined
  let isClean = true
  const end = () => {
    if (current !== undefined && isClean) found.push(current)
    current = undefined
    isClean = true
  }
  for (const line of smaps.split('\n')) {
    // Headers alone begin with an address in lower case; names of counters begin with a capital letter.
    if (/^[0-9a-f]/.test(line)) {
      end()
      const [, from, to, rights] = MAPPING.exec(line) ?? []
      const isFixed = rights === 'r--p' || rights === 'r-xp'
      current = isFixed ? { from: BigInt(`0x${from}`), to: BigInt(`0x${to}`) } : undefined
    } else if (Number(DIRTY.exec(line)?.[1] ?? 0) > 0) isClean = false
  }
  end()
  return found
}

/**
 * Has all threads take memory from a few pools instead of one each, most of which would lie half empty: our threads seldom
 * allocate, so they seldom meet. To be called before they begin.
 */
export function shareAllocator(): void {
  mallopt(M_ARENA_MAX, 2)
}

/** Lets go of freed memory that the allocator keeps. */
export function releaseFreedMemory(): void {
  mallocTrim(0)
}

/** Lets go of the pages of program files, and of freed memory that the allocator keeps; what is needed of them comes back by itself. */
export function releaseResidentMemory(): void {
  releaseFreedMemory()
  for (const { from, to } of cleanMappings(readFileSync('/proc/self/smaps', 'latin1'))) {
    madvise(from, Number(to - from), MADV_DONTNEED)
  }
}
