// Memory that a process keeps though it no longer needs it, and how it is given back.
//
// Starting touches most of Node's program file, and running a small part of it. The kernel counts what was touched as
// resident until memory runs short; told so, it lets go at once, and what is needed again comes back from its cache.

import { readFileSync } from 'node:fs'
import { madvise, mallocTrim, mallopt } from './libc.ts'
import { goingFirst } from './priority.ts'

const MADV_DONTNEED = 4
const M_ARENA_MAX = -8
/**
 * The header of a mapping in /proc/PID/smaps of a file that nobody may write to: first and last address, rights, offset, device,
 * inode, path. What is counted of it follows, flags last.
 */
const MAPPING = /^([0-9a-f]+)-([0-9a-f]+) r-[-x]p [0-9a-f]+ \S+ \d+ +\/.*$/gm
const FLAGS = '\nVmFlags:'
const CHANGED = /^(?:Private_Dirty|Shared_Dirty|Swap|Anonymous): +[1-9]/m

/** Addresses of a file's pages that are as the file has them, and the line of the mapping in /proc/PID/maps. */
export interface CleanMapping {
  readonly header: string
  readonly from: bigint
  readonly to: bigint
}

/**
 * Mappings of the text of /proc/PID/smaps that hold private, unwritable and unchanged pages of files. It looks for the few that
 * may be meant: a walk over all lines would have V8 compile it, and its compilers are most of Node's program file.
 */
export function cleanMappings(smaps: string): CleanMapping[] {
  return [...smaps.matchAll(MAPPING)]
    .filter(({ 0: header, index }) => {
      const from = index + header.length
      const end = smaps.indexOf(FLAGS, from)
      return !CHANGED.test(smaps.slice(from, end < 0 ? undefined : end))
    })
    .map(([header, from, to]) => ({ header, from: BigInt(`0x${from}`), to: BigInt(`0x${to}`) }))
}

/**
 * Has all threads take memory from a few pools instead of one each, most of which would lie half empty: our threads seldom
 * allocate, so they seldom meet. To be called before they begin.
 */
export function shareAllocator(): void {
  mallopt(M_ARENA_MAX, 2)
}

/** What this process keeps and could have again: freed memory, and pages of its program files. */
export class ResidentMemory {
  /** With the line as bytes: a part of a text would hold all of it, a third of a megabyte. */
  #files: readonly (Omit<CleanMapping, 'header'> & { readonly header: Buffer })[] | undefined

  /**
   * Lets go of it; what is needed comes back by itself. The first time takes some 10 ms more, because the kernel counts all
   * pages: files of programs are as they were unless somebody has unmapped them.
   */
  release(): void {
    // It holds the locks of all pools meanwhile, and whoever needs memory then waits: on a busy machine for a second, in
    // which a ring of packets overflows. So it is not to wait for a processor itself.
    goingFirst(() => mallocTrim(0))
    this.#files ??= cleanMappings(readFileSync('/proc/self/smaps', 'latin1')).map(({ header, ...pages }) => ({
      header: Buffer.from(header, 'latin1'),
      ...pages,
    }))
    const maps = readFileSync('/proc/self/maps')
    for (const { header, from, to } of this.#files)
      if (maps.includes(header)) madvise(from, Number(to - from), MADV_DONTNEED)
  }
}
