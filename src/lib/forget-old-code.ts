// Compiled code that other versions of this program left beside ours: the launcher gives each version a folder, which nobody
// else would ever remove.

import { readdir, rm, stat, utimes } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { VERSION } from './version.ts'

/** Whoever goes back to another version within this time starts as soon as before. */
const KEPT_MS = 7 * 86_400_000
/** A version of ours, or the folder Node makes for a version of its own: earlier versions of ours had that alone. */
const FOLDER = /^v?\d+\.\d+\.\d+/

/**
 * Removes what other versions have not used for a week, and marks ours as used. `own` is Node's folder of compiled code;
 * nothing is done where somebody else than the launcher chose it. A folder that cannot be removed stays.
 */
export async function forgetOldCode(own: string | undefined, wallMs: number): Promise<void> {
  if (own === undefined) return
  const ours = dirname(own)
  if (basename(ours) !== VERSION) return
  const all = dirname(ours)
  try {
    await utimes(ours, wallMs / 1000, wallMs / 1000)
    for (const entry of await readdir(all, { withFileTypes: true })) {
      if (!entry.isDirectory() || !FOLDER.test(entry.name) || entry.name === VERSION) continue
      const path = join(all, entry.name)
      if (wallMs - (await stat(path)).mtimeMs > KEPT_MS) await rm(path, { recursive: true, force: true })
    }
  } catch {
    // It is tried again at the next start; meanwhile it only takes room on the disk.
  }
}
