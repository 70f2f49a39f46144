// Keeps what V8 compiled from one start to the next, so that commands answer sooner.

import { enableCompileCache, flushCompileCache, getCompileCacheDir } from 'node:module'
import { homedir } from 'node:os'
import { dirname, isAbsolute, join } from 'node:path'
import { collectGarbage } from './collect-garbage.ts'

interface CacheQuestion {
  readonly environment: Readonly<Record<string, string | undefined>>
  readonly uid: number | undefined
}

/**
 * Must be called before the modules it shall serve are imported. Never Node's own choice below the directory for
 * temporary files: what lies there may come from others, and it is run. Where the cache cannot be written, there is none.
 */
export function keepCompiled(question: CacheQuestion): void {
  enableCompileCache(cacheDirectory(question))
}

/** The environment of a worker thread: it keeps what it compiles where this thread does, which it would not by itself. */
export function environmentOfWorker(): NodeJS.ProcessEnv {
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

/** The directory systemd gives (CacheDirectory=), /var/cache for root, else the XDG cache directory. */
export function cacheDirectory({ environment, uid }: CacheQuestion): string {
  const given = environment['CACHE_DIRECTORY']?.split(':')[0]
  if (given !== undefined && isAbsolute(given)) return given
  if (uid === 0) return '/var/cache/floodwarden'
  const xdg = environment['XDG_CACHE_HOME']
  if (xdg !== undefined && isAbsolute(xdg)) return join(xdg, 'floodwarden')
  return join(environment['HOME'] || homedir(), '.cache', 'floodwarden')
}
