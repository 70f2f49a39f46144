// What a build of the console is made from, as one digest: another one means that it has to be built again.

import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

/** Folders and files beside `web` whose words end up in the console. */
const OUTSIDE = [
  '../src/api/contract',
  '../src/lib/ip',
  '../src/lib/clock',
  '../src/lib/number-text.ts',
  '../package.json',
]
const SKIPPED = /^(?:dist|\.built?.*|.*\.test\.ts|.*\.md)$/

/** Hex digest of all sources in the folder `web`. */
export function sourcesDigest(web: string): string {
  const hash = createHash('sha256')
  for (const path of [...filesIn(web), ...OUTSIDE.flatMap(each => filesIn(join(web, each)))]) {
    hash.update(`${path.slice(web.length)}\0`)
    hash.update(readFileSync(path))
  }
  return hash.digest('hex')
}

function filesIn(path: string): string[] {
  try {
    return readdirSync(path, { withFileTypes: true })
      .filter(({ name }) => !SKIPPED.test(name))
      .sort((a, b) => (a.name < b.name ? -1 : 1))
      .flatMap(entry => (entry.isDirectory() ? filesIn(join(path, entry.name)) : [join(path, entry.name)]))
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOTDIR') return [path]
    throw error
  }
}
