import assert from 'node:assert/strict'
import { closeSync, readSync, writeSync } from 'node:fs'
import { test } from 'node:test'
import { makePipe, unreadBytes } from './pipe.ts'

test('what goes into a pipe comes out, and what waits in it can be counted', () => {
  const pipe = makePipe()

  writeSync(pipe.writeFd, 'report')
  const before = unreadBytes(pipe.readFd)
  const read = Buffer.alloc(4)
  readSync(pipe.readFd, read)
  const after = unreadBytes(pipe.readFd)
  closeSync(pipe.writeFd)
  closeSync(pipe.readFd)

  assert.deepEqual([before, String(read), after], [6, 'repo', 2])
  assert.equal(unreadBytes(-1), 0)
})
