// A file that says which process is the daemon: written whole or not at all, removed only while it still says us.

import { readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'

export type PidFile =
  | { readonly kind: 'written'; readonly remove: () => void }
  | { readonly kind: 'failed'; readonly error: string }

/**
 * Writes the number of this process and a line feed. Whatever stood there is replaced, a link by a file: it is not
 * followed. A failure is a value: nobody's detection depends on this file.
 */
export function writePidFile(path: string): PidFile {
  const text = `${process.pid}\n`
  const draft = `${path}.${process.pid}`
  try {
    // A leftover or a planted link of this name must not be written through.
    rmSync(draft, { force: true })
    writeFileSync(draft, text, { mode: 0o644, flag: 'wx' })
    renameSync(draft, path)
    return { kind: 'written', remove: () => removeOwn(path, text) }
  } catch (error) {
    rmSync(draft, { force: true })
    return { kind: 'failed', error: error instanceof Error ? error.message : String(error) }
  }
}

function removeOwn(path: string, text: string): void {
  try {
    if (readFileSync(path, 'utf8') === text) rmSync(path)
  } catch {
    // Already gone, or the directory may no longer be written: the number in it is that of no process.
  }
}
