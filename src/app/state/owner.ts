// Files that root makes in the state directory belong to the user of the daemon, who must be able to open them.

import { chownSync, existsSync, statSync } from 'node:fs'

/** Does nothing for anybody but root. */
export function giveToOwner(directory: string, paths: readonly string[]): void {
  if (process.getuid?.() !== 0) return
  const { uid, gid } = statSync(directory)
  for (const path of paths) if (existsSync(path)) chownSync(path, uid, gid)
}
