import assert from 'node:assert/strict'
import { closeSync, mkdtempSync, openSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { reserve, SystemCallError } from './libc.ts'

const BYTES = 4096

test('one view sees zeros, then a file, then zeros again', t => {
  const folder = mkdtempSync(join(tmpdir(), 'reserve-'))
  t.after(() => rmSync(folder, { recursive: true }))
  writeFileSync(join(folder, 'file'), Buffer.alloc(BYTES, 7))
  const fd = openSync(join(folder, 'file'), 'r+')
  t.after(() => closeSync(fd))
  const memory = reserve(BYTES)
  const view = new Uint8Array(memory.buffer)
  const seen = [view[BYTES - 1]]

  memory.place(fd)
  seen.push(view[BYTES - 1])
  memory.vacate()
  seen.push(view[BYTES - 1])

  assert.deepEqual(seen, [0, 7, 0])
})

test('a descriptor that cannot be mapped leaves zeros', () => {
  const memory = reserve(BYTES)
  const view = new Uint8Array(memory.buffer)
  view[0] = 1

  assert.throws(() => memory.place(-1), SystemCallError)
  assert.ok(view.subarray(1).every(byte => byte === 0))
})
