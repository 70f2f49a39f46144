// Screen files are whole, are nobody else's, and trouble with them stays theirs.

import assert from 'node:assert/strict'
import {
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmdirSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { SILENT } from '#lib/log/logger.ts'
import { temporaryFolder } from '../../../test/temporary-folder.ts'
import { ScreenFiles } from './screen-files.ts'

test('a link in its place is replaced, what it points at is left alone, and all may read', async t => {
  const folder = temporaryFolder(t)
  const [path, victim] = [join(folder, 'screen.dat'), join(folder, 'victim')]
  writeFileSync(victim, 'mine')
  symlinkSync(victim, path)
  const files = new ScreenFiles({
    files: [{ path, family: 4 }],
    everySeconds: 1,
    text: async family => `IPv${family}\n`,
    log: SILENT,
  })

  await files.draw()
  await files.draw()

  assert.equal(readFileSync(victim, 'utf8'), 'mine')
  assert.equal(readFileSync(path, 'utf8'), 'IPv4\n')
  assert.equal(lstatSync(path).mode & 0o7777, 0o664)
  assert.deepEqual(readdirSync(folder).sort(), ['screen.dat', 'victim'])
})

test('a file that cannot be drawn is told once, leaves nothing behind, and recovers', async t => {
  const folder = temporaryFolder(t)
  const told: string[] = []
  const tell = (message: string) => void told.push(message)
  const [bad, good] = [join(folder, 'bad'), join(folder, 'good')]
  mkdirSync(bad)
  const files = new ScreenFiles({
    files: [
      { path: bad, family: 4 },
      { path: good, family: 6 },
    ],
    everySeconds: 1,
    text: async () => 'screen\n',
    log: { ...SILENT, warn: tell, info: tell },
  })

  for (let at = 0; at < 3; at++) await files.draw()
  assert.deepEqual(readdirSync(folder).sort(), ['bad', 'good'])
  rmdirSync(bad)
  await files.draw()

  assert.deepEqual(told, ['screen file cannot be drawn', 'screen file is drawn again'])
  assert.equal([...files.metrics()][0]?.value, 3)
})
