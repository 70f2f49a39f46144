// A lock that says "I am the only one": held on an open file (flock(2)), gone with the process however it ends.

import { closeSync, constants, ftruncateSync, openSync, readFileSync, writeSync } from 'node:fs'
import { constants as os } from 'node:os'
import { errno, flock, SystemCallError } from './libc.ts'

const LOCK_EXCLUSIVE = 2
const LOCK_NONBLOCKING = 4

export type FileLock =
  | { readonly kind: 'locked'; release(): void }
  /** Another holds it; its process id when the file tells it. */
  | { readonly kind: 'held'; readonly processId: number | undefined }

/**
 * Locks the file, which is created when missing and holds the locker's process id; it stays when the lock is
 * released, because removing it would let two processes lock two files of one name.
 * Throws what opening it throws, and `SystemCallError` where the file system knows no locks.
 */
export function lockFile(path: string): FileLock {
  // Node opens with O_CLOEXEC, so a child (a notify script that hangs) does not keep the lock.
  const fd = openSync(path, constants.O_RDWR | constants.O_CREAT, 0o644)
  if (flock(fd, LOCK_EXCLUSIVE | LOCK_NONBLOCKING) < 0) {
    const number = errno()
    const holder = readFileSync(fd, 'utf8')
    closeSync(fd)
    if (number !== os.errno.EWOULDBLOCK) throw new SystemCallError(`flock ${path}`, number)
    return { kind: 'held', processId: /^[1-9]\d*\n$/.test(holder) ? Number(holder) : undefined }
  }
  ftruncateSync(fd)
  writeSync(fd, `${process.pid}\n`, 0)
  return { kind: 'locked', release: once(() => closeSync(fd)) }
}

/** A descriptor closed twice may be somebody else's by then. */
function once(act: () => void): () => void {
  let isDone = false
  return () => {
    if (!isDone) act()
    isDone = true
  }
}
