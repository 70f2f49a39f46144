// The launcher starts the pinned Node from any directory and through links, whatever Node the system has.

import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { VERSION } from '#lib/version.ts'
import { ROOT } from './repository.ts'

const home = mkdtempSync(join(tmpdir(), 'floodwarden launcher '))
after(() => rmSync(home, { recursive: true }))

/** A checkout that holds the launcher and a program that says which Node runs it. */
function checkout(name: string): string {
  const folder = join(home, name)
  mkdirSync(join(folder, 'src'), { recursive: true })
  for (const file of ['floodwarden', 'package.json']) copyFileSync(join(ROOT, file), join(folder, file))
  writeFileSync(
    join(folder, 'src/main.ts'),
    'console.log(process.version as string, process.argv.slice(2).join())',
  )
  return folder
}

const run = (launcher: string, ...words: string[]) =>
  spawnSync(launcher, words, { cwd: '/', encoding: 'utf8', env: { PATH: '/usr/bin:/bin' } })

test('the launcher runs the Node beside it, directly and through links of links', () => {
  const folder = checkout('with node')
  mkdirSync(join(folder, 'node_modules/.bin'), { recursive: true })
  symlinkSync(process.execPath, join(folder, 'node_modules/.bin/node'))
  symlinkSync('with node/floodwarden', join(home, 'relative'))
  symlinkSync(join(home, 'relative'), join(home, 'absolute'))

  const outputs = [join(folder, 'floodwarden'), join(home, 'relative'), join(home, 'absolute')].map(
    launcher => run(launcher, 'ban', 'two words').stdout,
  )

  assert.deepEqual(outputs, Array(3).fill(`${process.version} ban,two words\n`))
})

test('without its Node the launcher says what to do', () => {
  const { status, stderr } = run(join(checkout('without node'), 'floodwarden'))

  assert.equal(status, 1)
  assert.match(stderr, /run 'npm ci' in .*without node/)
})

test('compiled code is kept where only its user may write, apart for each version', () => {
  const folder = checkout('cached')
  mkdirSync(join(folder, 'node_modules/.bin'), { recursive: true })
  const node = join(folder, 'node_modules/.bin/node')
  writeFileSync(node, '#!/bin/sh\nprintenv NODE_COMPILE_CACHE || echo none\n', { mode: 0o755 })
  const others = join(folder, 'others')
  mkdirSync(others)
  writeFileSync(join(others, 'id'), '#!/bin/sh\necho "$TEST_UID"\n', { mode: 0o755 })
  const cacheOf = (uid: number, environment: Readonly<Record<string, string>>) =>
    spawnSync(join(folder, 'floodwarden'), {
      encoding: 'utf8',
      env: { PATH: `${others}:/usr/bin:/bin`, TEST_UID: `${uid}`, ...environment },
    }).stdout.trim()

  assert.equal(cacheOf(500, { CACHE_DIRECTORY: '/var/cache/fw:/other' }), `/var/cache/fw/${VERSION}`)
  assert.equal(cacheOf(0, { HOME: '/home/admin' }), `/var/cache/floodwarden/${VERSION}`)
  assert.equal(cacheOf(1000, { HOME: '/home/ann' }), `/home/ann/.cache/floodwarden/${VERSION}`)
  assert.equal(cacheOf(1000, { HOME: '/home/ann', XDG_CACHE_HOME: '/x' }), `/x/floodwarden/${VERSION}`)
  assert.equal(
    cacheOf(1000, { HOME: '/home/ann', XDG_CACHE_HOME: 'x' }),
    `/home/ann/.cache/floodwarden/${VERSION}`,
  )
  assert.equal(cacheOf(1000, { NODE_COMPILE_CACHE: '/tmp/by-anybody' }), 'none')
})
