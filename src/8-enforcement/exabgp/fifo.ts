// Writing to a named pipe without ever waiting for its reader (fifo(7), pipe(7)).
//
// Up to PIPE_BUF bytes are written whole or not at all, so lines of several writers never mix. The pipe is opened for each
// run of writes and closed after it, as FastNetMon does: some readers read to the end before they act.

import { closeSync, constants, fstatSync, openSync, type Stats, statSync, writeSync } from 'node:fs'
import { assert } from '#lib/assert.ts'

/** Bytes that are written whole or not at all on Linux. */
export const PIPE_BUF = 4096

export type FifoProblem =
  /** Nobody has the pipe open for reading. */
  | 'no-reader'
  /** Somebody has, and does not read: the pipe is full. */
  | 'full'
  /** It is not there, is no pipe, or may not be opened. */
  | 'unusable'

export interface FifoWritten {
  /** Texts that were written, from the first on. */
  readonly written: number
  /** What kept the others from being written; `undefined` when none is left. */
  readonly problem: { readonly kind: FifoProblem; readonly error: string } | undefined
}

/** Writes texts of at most `PIPE_BUF` bytes each in as few writes as possible. Never waits, never throws. */
export function writeFifo(path: string, texts: readonly string[]): FifoWritten {
  const opened = openFifo(path)
  if (opened.kind !== 'open') return { written: 0, problem: opened }
  let written = 0
  try {
    while (written < texts.length) {
      const { text, count } = chunkOf(texts, written)
      const size = writeSync(opened.fd, text)
      assert(size === text.length, 'the kernel writes up to PIPE_BUF bytes whole')
      written += count
    }
    return { written, problem: undefined }
  } catch (error) {
    return { written, problem: problemOf(path, error) }
  } finally {
    closeSync(opened.fd)
  }
}

/** Which pipe lies at the path, to tell a new one from an old one; `undefined` when there is none. */
export function fifoIdentity(path: string): string | undefined {
  const stat = statOf(path)
  return stat?.isFIFO() === true ? `${stat.dev}:${stat.ino}` : undefined
}

/** The next texts that fit into one write. They are ASCII: characters are bytes. */
function chunkOf(texts: readonly string[], from: number): { text: string; count: number } {
  let text = ''
  let count = 0
  for (let at = from; at < texts.length; at++) {
    const next = texts[at] ?? ''
    assert(next.length <= PIPE_BUF, 'a text fits into one write')
    if (text.length + next.length > PIPE_BUF) break
    text += next
    count++
  }
  return { text, count }
}

type Opened = { readonly kind: 'open'; readonly fd: number } | NonNullable<FifoWritten['problem']>

function openFifo(path: string): Opened {
  // Looked at before it is opened: to open a device may already do something.
  const stat = statOf(path)
  if (stat === undefined) return { kind: 'unusable', error: `${path}: there is no such pipe` }
  if (!stat.isFIFO()) return { kind: 'unusable', error: `${path} is no named pipe (mkfifo makes one)` }
  try {
    const fd = openSync(path, constants.O_WRONLY | constants.O_NONBLOCK | constants.O_NOCTTY)
    if (fstatSync(fd).isFIFO()) return { kind: 'open', fd }
    closeSync(fd)
    return { kind: 'unusable', error: `${path} is no named pipe (mkfifo makes one)` }
  } catch (error) {
    return problemOf(path, error)
  }
}

function statOf(path: string): Stats | undefined {
  return statSync(path, { throwIfNoEntry: false })
}

function problemOf(path: string, error: unknown): NonNullable<FifoWritten['problem']> {
  const code = error instanceof Error && 'code' in error ? String(error.code) : String(error)
  if (code === 'ENXIO' || code === 'EPIPE')
    return { kind: 'no-reader', error: `${path}: nobody reads the pipe` }
  if (code === 'EAGAIN') return { kind: 'full', error: `${path}: the reader does not read, the pipe is full` }
  return { kind: 'unusable', error: `${path} cannot be written: ${code}` }
}
