// Keeps what V8 compiled from one start to the next, so that commands answer sooner.

import { enableCompileCache } from 'node:module'
import { homedir } from 'node:os'
import { isAbsolute, join } from 'node:path'

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

/** The directory systemd gives (CacheDirectory=), /var/cache for root, else the XDG cache directory. */
export function cacheDirectory({ environment, uid }: CacheQuestion): string {
  const given = environment['CACHE_DIRECTORY']?.split(':')[0]
  if (given !== undefined && isAbsolute(given)) return given
  if (uid === 0) return '/var/cache/floodwarden'
  const xdg = environment['XDG_CACHE_HOME']
  if (xdg !== undefined && isAbsolute(xdg)) return join(xdg, 'floodwarden')
  return join(environment['HOME'] || homedir(), '.cache', 'floodwarden')
}
