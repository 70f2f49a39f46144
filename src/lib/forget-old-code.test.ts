import assert from 'node:assert/strict'
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { forgetOldCode } from './forget-old-code.ts'
import { VERSION } from './version.ts'

const DAY_MS = 86_400_000
const NOW_MS = 20_000 * DAY_MS
const NODE = 'v26.10.0-x64-f86cc381-0'

/** A cache with these folders, each with compiled code in it and last used so many days ago. */
function cacheOf(t: TestContext, folders: Readonly<Record<string, number>>): string {
  const cache = mkdtempSync(join(tmpdir(), 'floodwarden-code-'))
  t.after(() => rmSync(cache, { recursive: true }))
  for (const [name, days] of Object.entries(folders)) {
    mkdirSync(join(cache, name, NODE), { recursive: true })
    writeFileSync(join(cache, name, NODE, 'dfbf5a95'), 'code')
    const at = (NOW_MS - days * DAY_MS) / 1000
    utimesSync(join(cache, name), at, at)
  }
  return cache
}

test('code of other versions goes when nobody has used it for a week', async t => {
  const cache = cacheOf(t, { [VERSION]: 30, '0.0.1': 8, '9.0.0-rc.1': 8, '0.0.2': 6, [NODE]: 8 })

  await forgetOldCode(join(cache, VERSION, NODE), NOW_MS)

  assert.deepEqual(readdirSync(cache).sort(), ['0.0.2', VERSION])
  assert.deepEqual(readdirSync(join(cache, VERSION, NODE)), ['dfbf5a95'])
  assert.equal(statSync(join(cache, VERSION)).mtimeMs, NOW_MS)
})

test('what is no folder of a version stays, and so does what a link leads to', async t => {
  const cache = cacheOf(t, { [VERSION]: 0, photos: 30 })
  const elsewhere = cacheOf(t, { '1.0.0': 30 })
  symlinkSync(join(elsewhere, '1.0.0'), join(cache, '1.0.0'))

  await forgetOldCode(join(cache, VERSION, NODE), NOW_MS)

  assert.deepEqual(readdirSync(cache).sort(), [VERSION, '1.0.0', 'photos'].sort())
  assert.deepEqual(readdirSync(elsewhere), ['1.0.0'])
})

test('a folder that the launcher did not choose is left alone, and so is one that is not there', async t => {
  const cache = cacheOf(t, { '0.0.1': 30, chosen: 30 })

  await forgetOldCode(join(cache, 'chosen', NODE), NOW_MS)
  await forgetOldCode(join(cache, 'missing', VERSION, NODE), NOW_MS)
  await forgetOldCode(undefined, NOW_MS)

  assert.deepEqual(readdirSync(cache).sort(), ['0.0.1', 'chosen'])
})
