// Collects what start-up leaves in the heap of this thread: parsed files, schemas being made, code that runs once. V8 would
// get to it only when the heap has grown to several times that.

import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'

/** Collections that a function outlives without having been called; V8's own number, and that after a start. */
const CODE_AGE = { usual: 6, afterStart: 1 } as const

/** To be called when a thread has started, before its work begins: it stops the thread for some milliseconds. */
export function collectGarbage(): void {
  setFlagsFromString('--expose-gc')
  // New contexts alone have the function, so nobody else calls it by chance.
  const collect: unknown = runInNewContext('gc')
  if (typeof collect !== 'function') return
  // The first one finds code that has not run since, the second lets go of it; what is called after all is compiled again.
  setFlagsFromString(`--bytecode-old-age=${CODE_AGE.afterStart}`)
  for (let round = 0; round < 2; round++) collect({ type: 'major', flavor: 'last-resort' })
  setFlagsFromString(`--bytecode-old-age=${CODE_AGE.usual}`)
}
