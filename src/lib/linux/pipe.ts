// Real pipes (pipe(7)). Node gives a child process sockets instead, and a socket cannot be opened by its name: in a
// script `cat /dev/stdin` and `echo words > /dev/stderr` fail with ENXIO. With a pipe they work.

import { ioctl, must, pipe2 } from './libc.ts'

export interface Pipe {
  readonly readFd: number
  readonly writeFd: number
}

const O_CLOEXEC = 0o2000000
const FIONREAD = 0x541b

/** A new pipe that only the child it is handed to inherits; the caller closes both ends. Throws `SystemCallError`. */
export function makePipe(): Pipe {
  const fds = new Int32Array(2)
  must(pipe2(fds, O_CLOEXEC), 'pipe2')
  const [readFd = -1, writeFd = -1] = fds
  return { readFd, writeFd }
}

/** Bytes that were written to the pipe and not read yet. */
export function unreadBytes(readFd: number): number {
  const count = new Int32Array(1)
  return ioctl(readFd, FIONREAD, count) < 0 ? 0 : (count[0] ?? 0)
}
