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

const templateOf = (id: number, usedMs: number, tail = '00080004') => ({
  ...{ version: 9, domain: 7, set: 0, usedMs },
  definition: `${id.toString(16).padStart(4, '0')}0001${tail}`,
})

test('what is known now replaces what was known; of several workers it is joined; the rest stays', () => {
  const before = new Map([
    ['a', archiveOf(1)],
    ['b', archiveOf(2)],
  ])
  const empty = { templates: [], rates: [] }
  const other = { templates: [], rates: [{ version: 9, domain: 7, sampler: 1, rate: 5 }] }

  const { archive } = mergeArchives(before, [
    ['b', archiveOf(3)],
    ['c', archiveOf(4)],
    ['b', other],
    ['a', empty],
  ])

  const rates = [...archive].map(([address, { rates: found }]) => [address, found.map(({ rate }) => rate)])
  assert.deepEqual(rates, [
    ['b', [3, 5]],
    ['c', [4]],
    ['a', [1]],
  ])
})

test('of too many exporters those stay that were taught last, and the others are counted', () => {
  const taught = (usedMs: number): ExporterArchive => ({ templates: [templateOf(256, usedMs)], rates: [] })
  const before = new Map(Array.from({ length: 1000 }, (_, at) => [`before ${at}`, taught(5000 + at)]))
  const found = Array.from({ length: 1500 }, (_, at) => [`now ${at}`, taught(at)] as const)

  const { archive, leftOut } = mergeArchives(before, found)

  assert.deepEqual([archive.size, leftOut], [1024, 1476])
  assert.deepEqual([...archive.keys()].slice(0, 2), ['before 999', 'before 998'])
  assert.deepEqual([...archive.keys()].slice(-2), ['now 1477', 'now 1476'])
})

test('what two workers were taught alike is kept once, as it was used last', () => {
  const one = { templates: [templateOf(256, 10), templateOf(257, 40)], rates: archiveOf(100).rates }
  const two = {
    templates: [templateOf(256, 30, '000c0004'), templateOf(257, 20)],
    rates: archiveOf(200).rates,
  }

  const { archive } = mergeArchives(new Map(), [
    ['a', one],
    ['a', two],
  ])

  assert.deepEqual(archive.get('a'), {
    templates: [templateOf(257, 40), templateOf(256, 30, '000c0004')],
    rates: archiveOf(200).rates,
  })
})
