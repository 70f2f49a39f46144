// Whether the console has to be built: by the times of its files alone, which is quick. The build looks at what is in them.

import { existsSync, readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'

/** `absent`: there is neither a console nor anything to make it of. `no-tools`: only what builds it is missing. */
export type Staleness = 'fresh' | 'stale' | 'no-tools' | 'absent'

/** Words of these end up in it, as `web/sources.ts` has them. */
const SOURCES = [
  ...['web', 'src/api/contract', 'src/lib/ip', 'src/lib/clock', 'src/lib/number-text.ts'],
  'package.json',
]
const SKIPPED = /^(?:dist|\.build.*|\.built.*)$/

export function staleness(root: string): Staleness {
  const built = changedAt(join(root, 'web/dist/sources'))
  if (!existsSync(join(root, 'web/src')))
    return existsSync(join(root, 'web/dist/index.html')) ? 'fresh' : 'absent'
  if (built !== undefined && SOURCES.every(each => newest(join(root, each)) <= built)) return 'fresh'
  return existsSync(join(root, 'node_modules/vite/package.json')) ? 'stale' : 'no-tools'
}

/** Ms since 1970 at which a file in the folder changed last. */
function newest(path: string): number {
  const stat = statSync(path, { throwIfNoEntry: false })
  if (stat === undefined) return 0
  if (!stat.isDirectory()) return stat.mtimeMs
  return readdirSync(path)
    .filter(name => !SKIPPED.test(name))
    .reduce((most, name) => Math.max(most, newest(join(path, name))), 0)
}

function changedAt(path: string): number | undefined {
  return statSync(path, { throwIfNoEntry: false })?.mtimeMs
}
