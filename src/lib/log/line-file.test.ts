// Lines in files that are renamed, that fill up, and that have no reader.

import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync, renameSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { temporaryFolder } from '../../../test/temporary-folder.ts'
import { until } from '../../../test/until.ts'
import { LineFile } from './line-file.ts'

test('no line is lost or torn when the file is renamed and reopened again and again', async t => {
  const folder = temporaryFolder(t)
  const path = join(folder, 'a.log')
  const file = new LineFile({ path })

  for (let turn = 0; turn < 5; turn++) {
    for (let at = 0; at < 200; at++) file.write(`${turn} ${at}\n`)
    renameSync(path, `${path}.${turn}`)
    await file.reopen()
  }
  file.write('last\n')
  await file.close(30_000)

  const parts = [0, 1, 2, 3, 4].map(turn => readFileSync(`${path}.${turn}`, 'utf8')).join('')
  assert.equal(readFileSync(path, 'utf8').endsWith('last\n'), true)
  const lines = (parts + readFileSync(path, 'utf8')).trim().split('\n')
  assert.equal(lines.length, 1001)
  assert.equal(new Set(lines).size, 1001)
  assert.equal(file.dropped, 0)
})

test('a full disk holds lines back up to the bound, and is told once', {
  skip: !existsSync('/dev/full'),
}, async () => {
  const told: (string | undefined)[] = []
  const file = new LineFile({
    path: '/dev/full',
    queueBytesMax: 100,
    tryAgainMs: 5,
    trouble: problem => told.push(problem),
  })

  for (let at = 0; at < 50; at++) file.write(`line ${String(at).padStart(4, '0')}\n`)
  await until(() => told.length > 0)
  const beyond = file.dropped
  await file.close(50)
  // Lines of a write that is under way at the end are counted when the disk has refused them.
  await until(() => file.dropped === 50)

  assert.equal(told.length, 1)
  assert.match(told[0] ?? '', /ENOSPC/)
  // Of ten bytes each: ten wait.
  assert.equal(beyond, 50 - 10)
})

test('a file that is given up never writes into one that is opened after it', {
  skip: !existsSync('/dev/full'),
}, async t => {
  const folder = temporaryFolder(t)
  const others = Array.from({ length: 40 }, (_, at) => join(folder, `other-${at}`))

  for (const path of others) {
    const refused = new LineFile({ path: '/dev/full', tryAgainMs: 1 })
    refused.write('lost\n')
    await refused.close(2)
    const other = new LineFile({ path })
    await new Promise(resolve => setTimeout(resolve, 3))
    await other.close(30_000)
  }

  assert.deepEqual(new Set(others.map(path => readFileSync(path, 'utf8'))), new Set(['']))
})

test('a FIFO that nobody reads refuses at once instead of blocking', t => {
  const path = join(temporaryFolder(t), 'fifo')
  execFileSync('mkfifo', [path])

  assert.throws(() => new LineFile({ path }), /ENXIO/)
})

test('a file that cannot be reopened is kept, and lines go on into it', async t => {
  const folder = temporaryFolder(t)
  const inner = join(folder, 'inner')
  execFileSync('mkdir', [inner])
  const told: (string | undefined)[] = []
  const file = new LineFile({
    path: join(inner, 'a.log'),
    trouble: problem => told.push(problem),
    tryAgainMs: 5,
  })

  file.write('before\n')
  renameSync(inner, join(folder, 'away'))
  await file.reopen()
  file.write('after\n')
  await file.close(30_000)

  assert.equal(readFileSync(join(folder, 'away', 'a.log'), 'utf8'), 'before\nafter\n')
  assert.match(told[0] ?? '', /ENOENT/)
})
