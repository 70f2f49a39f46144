// What a daemon gives back once it runs: memory that only its start needed.

import { getCompileCacheDir } from 'node:module'
import { endStart } from '#lib/compile-cache.ts'
import { forgetOldCode } from '#lib/forget-old-code.ts'
import { ResidentMemory } from '#lib/linux/resident-memory.ts'

/** All threads have ended their start by then. */
const SETTLE_MS = 2500
/** V8 then compiles once more what its collection let go of. */
const COMPILED_MS = 1000
const RELEASE_MS = 5000

/**
 * What only the start needed is given back, and what other versions left on the disk goes. Memory is given back time and again:
 * V8 compiles whenever traffic changes, with compilers that are much of Node's program file and free 10 MB when they are done. In a
 * flood 20 MB of the file are touched again, two thirds of them within three seconds. Each time takes a millisecond or two.
 * Gives what keeps it from beginning.
 */
export function settleSoon(): () => void {
  const timer = setTimeout(() => {
    const memory = new ResidentMemory()
    endStart()
    memory.release()
    void forgetOldCode(getCompileCacheDir(), Date.now())
    setTimeout(() => memory.release(), COMPILED_MS).unref()
    setInterval(() => memory.release(), RELEASE_MS).unref()
  }, SETTLE_MS)
  return () => clearTimeout(timer)
}
