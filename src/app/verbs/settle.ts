// What a daemon gives back once it runs: memory that only its start needed, and what is free while there is little to do.

import { getCompileCacheDir } from 'node:module'
import { endStart } from '#lib/compile-cache.ts'
import { forgetOldCode } from '#lib/forget-old-code.ts'
import { HeapGrowth } from '#lib/heap-growth.ts'
import { ProcessorWait } from '#lib/linux/processor-wait.ts'
import { ResidentMemory } from '#lib/linux/resident-memory.ts'
import { ResidentGrowth } from '#lib/resident-growth.ts'

/** All threads have ended their start by then. */
const SETTLE_MS = 2500
/** V8 then compiles once more what its collection let go of. Nor is the thread held up by both at once. */
const COMPILED_MS = 1000
const LOOK_MS = 1000
/** Share of a second in which this thread works. Only many reports and many who ask make it so busy, never packets. */
const BUSY = 0.3
/**
 * Share of the time in which this thread wants a processor that it waits for one: giving back would take more than three times as
 * long, and all who need memory meanwhile would wait. More than two others want each processor then.
 */
const STARVED = 0.7
/** Memory is given back after so many seconds in which it was not, and not sooner than so many after the last time. */
const CALM_LOOKS = 5
/** And only for so much: by about half of that it varies from one look to the next. */
const WORTH_BYTES = 8_000_000

/**
 * What only the start needed is given back, and what other versions left on the disk goes. Memory is given back again when it has
 * grown: V8 compiles whenever traffic changes, with compilers that are much of Node's program file and free 10 MB when they are
 * done. Each time takes 10 to 15 ms of this thread, and as much of all others together, which fetch back what they need.
 * Gives what keeps it from beginning.
 */
export function settleSoon(): () => void {
  const timer = setTimeout(() => {
    const memory = new ResidentMemory()
    // What may come on top of it is settled by the collection.
    const growth = new HeapGrowth()
    endStart()
    void forgetOldCode(getCompileCacheDir(), Date.now())
    setTimeout(() => memory.release(), COMPILED_MS).unref()
    followLoad(memory, growth)
  }, SETTLE_MS)
  return () => clearTimeout(timer)
}

/** Who is busy is not held up to give back what it would need again, and may use more memory. Nor is who may have to wait for it. */
function followLoad(memory: ResidentMemory, growth: HeapGrowth): void {
  const resident = new ResidentGrowth(WORTH_BYTES)
  const wait = new ProcessorWait()
  let before = performance.eventLoopUtilization()
  let calmLooks = 0
  setInterval(() => {
    const now = performance.eventLoopUtilization()
    const isBusy = performance.eventLoopUtilization(now, before).utilization > BUSY
    before = now
    growth.follow(isBusy)
    const isStarved = wait.share() > STARVED
    calmLooks = isBusy || isStarved ? 0 : calmLooks + 1
    resident.look(process.memoryUsage.rss())
    if (calmLooks < CALM_LOOKS || !resident.isWorth) return
    calmLooks = 0
    memory.release()
    resident.givenBack()
  }, LOOK_MS).unref()
}
