// What V8 compiled is kept from one start to the next, so that commands answer sooner. The launcher says where.

import { flushCompileCache, getCompileCacheDir } from 'node:module'
import { dirname } from 'node:path'
import { collectGarbage } from './collect-garbage.ts'

/** Programs that are called know nothing of the cache: they might be written for Node as well. To be called first of all. */
export function keepCacheToOurselves(): void {
  delete process.env['NODE_COMPILE_CACHE']
}

/** The environment of a worker thread, or of this program begun again: it keeps what it compiles where this thread does. */
export function environmentWithCache(): NodeJS.ProcessEnv {
  // Below the directory that was given lies one for this version of Node.
  const own = getCompileCacheDir()
  return own === undefined ? process.env : { ...process.env, NODE_COMPILE_CACHE: dirname(own) }
}

/** Ends the start of a thread: what was compiled is kept for the next one, and what only starting needed is let go. */
export function endStart(): void {
  flushCompileCache()
  collectGarbage()
}

/** The same when nobody waits for this thread any more. */
export function endStartLater(): void {
  setTimeout(endStart, LATER_MS).unref()
}

const LATER_MS = 1500
