// Starts a program directly, without a shell, in a process group of its own, with real pipes.

import { accessSync, closeSync, constants, statSync } from 'node:fs'
import { strerror } from '#lib/linux/libc.ts'
import { makePipe, type Pipe } from '#lib/linux/pipe.ts'
import type { ChildProcesses, Exit } from '#lib/linux/spawn.ts'

export interface Program {
  readonly path: string
  readonly argv: readonly string[]
  readonly env: Readonly<Record<string, string>>
  /** `undefined`: /dev/null. */
  readonly stdin: string | undefined
  /** Otherwise stdout goes to /dev/null. */
  readonly keepsStdout: boolean
}

/** A program that runs. The descriptors are the caller's to close. */
export interface Spawned {
  readonly pid: number
  /** Both ends: the reading one tells how much was left unread. */
  readonly stdin: Pipe | undefined
  readonly stdoutFd: number | undefined
  readonly stderrFd: number
  /** How it ends. */
  readonly exit: Promise<Exit>
}

/** A program that could not be started, with words for people and the system's error number. */
export class StartError extends Error {
  readonly errno: number

  constructor(message: string, errno: number) {
    super(message)
    this.name = 'StartError'
    this.errno = errno
  }
}

/** Starts it. Throws `StartError`, or `SystemCallError` when there is no pipe to be had. */
export function spawnProgram(program: Program, children: ChildProcesses): Spawned {
  using ours = new DisposableStack()
  using theirs = new DisposableStack()
  const stdin = program.stdin === undefined ? undefined : ownPipe(ours, ours)
  const stdout = program.keepsStdout ? ownPipe(ours, theirs) : undefined
  const stderr = ownPipe(ours, theirs)

  const { promise: exit, resolve } = Promise.withResolvers<Exit>()
  const { path, argv, env } = program
  const stdio = [stdin?.readFd, stdout?.writeFd, stderr.writeFd] as const
  const pid = children.start({ path, argv, env, stdio }, resolve)
  if (pid < 0) {
    throw new StartError(whyNotRunnable(path) ?? `${path} cannot be started: ${strerror(-pid)}`, -pid)
  }
  ours.move()
  return { pid, stdin, stdoutFd: stdout?.readFd, stderrFd: stderr.readFd, exit }
}

function ownPipe(reading: DisposableStack, writing: DisposableStack): Pipe {
  const pipe = makePipe()
  reading.adopt(pipe.readFd, closeSync)
  writing.adopt(pipe.writeFd, closeSync)
  return pipe
}

/** Why the file cannot be run, in words; `undefined` when nothing is wrong with it as far as can be seen. */
export function whyNotRunnable(path: string): string | undefined {
  try {
    if (!statSync(path).isFile()) return `${path} is not a file`
  } catch (error) {
    const isMissing = error instanceof Error && 'code' in error && error.code === 'ENOENT'
    return isMissing ? `${path} does not exist` : `${path} cannot be reached`
  }
  try {
    accessSync(path, constants.X_OK)
  } catch {
    return `${path} is not executable by this user (chmod +x ${path})`
  }
  return undefined
}
