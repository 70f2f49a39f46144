// Builds the console into web/dist when its sources are newer than what is there; --force builds always.
//
// It is built beside and put in place whole, so that a daemon that serves it never sees half of one. The daemon starts this
// as a process of its own.

import {
  closeSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { lockFile } from '#lib/linux/file-lock.ts'
import { compressFolder } from './compress.ts'
import { sourcesDigest } from './sources.ts'
import { buildOptions } from './vite-options.ts'

const WEB = import.meta.dirname
const DIST = join(WEB, 'dist')
/** Which sources are in it. */
const STAMP = 'sources'
const LOCK_LOOK_MS = 200

takeOwnersRights()
const lock = await waitForLock(join(WEB, '.build-lock'))
try {
  const digest = sourcesDigest(WEB)
  if (!process.argv.includes('--force') && builtFrom() === digest) touch()
  else await build(digest)
} finally {
  lock.release()
}

async function build(digest: string): Promise<void> {
  const folder = join(WEB, '.building')
  const old = join(WEB, '.built-before')
  const clear = () => {
    for (const each of [folder, old]) rmSync(each, { recursive: true, force: true })
  }
  // One that was killed has left its own.
  clear()
  try {
    mkdirSync(folder)
    const vite = await import('vite')
    await vite.build(buildOptions(WEB, folder))
    compressFolder(folder)
    writeFileSync(join(folder, STAMP), `${digest}\n`)
    if (exists(DIST)) renameSync(DIST, old)
    renameSync(folder, DIST)
  } finally {
    clear()
  }
}

/** Started by root, a build writes files of whoever owns the folder, and runs with no more than his rights. */
function takeOwnersRights(): void {
  const { uid, gid } = statSync(WEB)
  if (process.getuid?.() !== 0 || uid === 0) return
  process.setgroups?.([])
  process.setgid?.(gid)
  process.setuid?.(uid)
}

/** Two starts at once build once: the second finds it done. */
async function waitForLock(path: string): Promise<{ release(): void }> {
  closeSync(openSync(path, 'a'))
  for (;;) {
    const lock = lockFile(path)
    if (lock.kind === 'locked') return lock
    await new Promise(resolve => setTimeout(resolve, LOCK_LOOK_MS))
  }
}

function builtFrom(): string | undefined {
  try {
    return readFileSync(join(DIST, STAMP), 'utf8').trim()
  } catch {
    return undefined
  }
}

/** So that the next start sees by the time alone that there is nothing to do. */
function touch(): void {
  writeFileSync(join(DIST, STAMP), readFileSync(join(DIST, STAMP)))
}

function exists(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false }) !== undefined
}
