import assert from 'node:assert/strict'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { lockFile } from './file-lock.ts'

test('the second to lock a file is told who was first', t => {
  const path = fileFor(t)
  const first = lockFile(path)
  assert.ok(first.kind === 'locked')
  t.after(() => first.release())

  assert.deepEqual(lockFile(path), { kind: 'held', processId: process.pid })
})

test('a released lock can be taken again, and releasing twice harms nobody', t => {
  const path = fileFor(t)
  const first = lockFile(path)
  assert.ok(first.kind === 'locked')

  first.release()
  const second = lockFile(path)
  assert.ok(second.kind === 'locked')
  t.after(() => second.release())
  first.release()

  assert.equal(lockFile(path).kind, 'held')
})

test('what stood in the file before does not matter', t => {
  const path = fileFor(t)
  writeFileSync(path, 'a much longer text than a process number\n')

  const lock = lockFile(path)
  assert.ok(lock.kind === 'locked')
  t.after(() => lock.release())

  assert.equal(readFileSync(path, 'utf8'), `${process.pid}\n`)
})

test('a file that cannot be opened is an error', () => {
  assert.throws(() => lockFile('/nowhere/lock'), /ENOENT/)
})

function fileFor(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'lock-'))
  t.after(() => rmSync(folder, { recursive: true }))
  return join(folder, 'lock')
}
