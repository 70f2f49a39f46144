// What a daemon gives back once it runs: memory that only its start needed.

import { getCompileCacheDir } from 'node:module'
import { endStart } from '#lib/compile-cache.ts'
import { forgetOldCode } from '#lib/forget-old-code.ts'
import { releaseFreedMemory, releaseResidentMemory } from '#lib/linux/resident-memory.ts'

/** All threads have ended their start by then. */
const SETTLE_MS = 2500
const COMPILED_MS = 30_000
const RELEASE_MS = 600_000
/** V8 compiles whenever traffic changes, and frees what that took: 10 MB while a flood begins. A look costs a millisecond or two. */
const FREED_MS = 10_000

/**
 * What only the start needed is given back, and what other versions left on the disk goes. Memory is given back again when V8
 * has compiled what counting needs, which touches much of Node's program file once, and now and then for what a busy hour
 * leaves. Gives what keeps it from beginning.
 */
export function settleSoon(): () => void {
  const timer = setTimeout(() => {
    endStart()
    releaseResidentMemory()
    void forgetOldCode(getCompileCacheDir(), Date.now())
    setTimeout(releaseResidentMemory, COMPILED_MS).unref()
    setInterval(releaseResidentMemory, RELEASE_MS).unref()
    setInterval(releaseFreedMemory, FREED_MS).unref()
  }, SETTLE_MS)
  return () => clearTimeout(timer)
}
