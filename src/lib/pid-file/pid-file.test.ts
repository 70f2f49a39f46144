import assert from 'node:assert/strict'
import {
  existsSync,
  lstatSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { type PidFile, writePidFile } from './pid-file.ts'

const folder = mkdtempSync(join(tmpdir(), 'floodwarden-pid-'))
after(() => rmSync(folder, { recursive: true }))

function written(path: string): Extract<PidFile, { kind: 'written' }> {
  const file = writePidFile(path)
  assert.ok(file.kind === 'written')
  return file
}

test('the file holds our number and is removed by us', () => {
  const path = join(folder, 'a.pid')

  const file = written(path)

  assert.equal(readFileSync(path, 'utf8'), `${process.pid}\n`)
  file.remove()
  assert.equal(existsSync(path), false)
})

test('a file that another process has written since stays', () => {
  const path = join(folder, 'b.pid')
  const file = written(path)
  writeFileSync(path, '1\n')

  file.remove()

  assert.equal(readFileSync(path, 'utf8'), '1\n')
})

test('a link at the place is replaced, and what it points to is not touched', () => {
  const path = join(folder, 'c.pid')
  const elsewhere = join(folder, 'precious')
  writeFileSync(elsewhere, 'precious')
  symlinkSync(elsewhere, path)

  written(path)

  assert.equal(lstatSync(path).isSymbolicLink(), false)
  assert.equal(readFileSync(elsewhere, 'utf8'), 'precious')
})

test('a place that cannot be written is a failure that leaves nothing behind', () => {
  const before = readdirSync(folder)

  assert.equal(writePidFile(join(folder, 'missing', 'd.pid')).kind, 'failed')
  assert.deepEqual(readdirSync(folder), before)
})
