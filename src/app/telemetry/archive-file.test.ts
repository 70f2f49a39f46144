import assert from 'node:assert/strict'
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import type { ExporterArchive } from '#2-decode/templates-archive.ts'
import { mergeArchives, readArchive, writeArchive } from './archive-file.ts'

function place(t: TestContext): { folder: string; path: string } {
  const folder = mkdtempSync(join(tmpdir(), 'floodwarden-archive-'))
  t.after(() => rmSync(folder, { recursive: true }))
  return { folder, path: join(folder, 'exporters.json') }
}

const archiveOf = (rate: number): ExporterArchive => ({
  templates: [],
  rates: [{ version: 9, domain: 7, sampler: -1, rate }],
})

test('what is written is read again; it is whole, ours alone, and leaves no draft', async t => {
  const { folder, path } = place(t)
  const archive = new Map([['192.0.2.1', archiveOf(100)]])
  writeFileSync(`${path}.new`, 'left over')
  writeFileSync(join(folder, 'other'), 'not ours')
  symlinkSync(join(folder, 'other'), path)

  await writeArchive(path, archive)
  const read = await readArchive(path)

  assert.deepEqual(read, { kind: 'ok', archive })
  assert.equal(statSync(path).mode & 0o777, 0o640)
  assert.deepEqual(readdirSync(folder).toSorted(), ['exporters.json', 'other'])
  assert.equal(readFileSync(join(folder, 'other'), 'utf8'), 'not ours')
})

test('a file that would be too large to be read again leaves out the last exporters', async t => {
  const { path } = place(t)
  const archive = new Map(Array.from({ length: 100 }, (_, at) => [`192.0.2.${at}`, archiveOf(100)]))

  const leftOut = await writeArchive(path, archive, 4096)
  const read = await readArchive(path)

  assert.ok(statSync(path).size <= 4096)
  assert.ok(leftOut > 0 && leftOut < 100)
  assert.deepEqual(read, { kind: 'ok', archive: new Map([...archive].slice(0, 100 - leftOut)) })
})

test('no file is an empty archive, and whatever else is no archive is refused with a reason', async t => {
  const { folder, path } = place(t)

  assert.deepEqual(await readArchive(path), { kind: 'ok', archive: new Map() })
  for (const text of [
    '',
    '{',
    'null',
    '[]',
    '{"version":2,"exporters":[]}',
    '{"version":1,"exporters":[1]}',
  ]) {
    writeFileSync(path, text)
    assert.equal((await readArchive(path)).kind, 'broken', text)
  }
  assert.equal((await readArchive(folder)).kind, 'broken')
})

test('what is known now replaces what was known; of several workers it is joined; the rest stays', () => {
  const before = new Map([
    ['a', archiveOf(1)],
    ['b', archiveOf(2)],
  ])
  const empty = { templates: [], rates: [] }

  const merged = mergeArchives(before, [
    ['b', archiveOf(3)],
    ['c', archiveOf(4)],
    ['b', archiveOf(5)],
    ['a', empty],
  ])

  const rates = [...merged].map(([address, { rates: found }]) => [address, found.map(({ rate }) => rate)])
  assert.deepEqual(rates, [
    ['b', [3, 5]],
    ['c', [4]],
    ['a', [1]],
  ])
  const many = Array.from({ length: 3000 }, (_, at) => [String(at), archiveOf(1)] as const)
  assert.equal(mergeArchives(before, many).size, 1024)
})
