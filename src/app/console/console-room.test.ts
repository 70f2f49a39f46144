import assert from 'node:assert/strict'
import { existsSync, mkdirSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { type TestContext, test } from 'node:test'
import type { Facts } from '#lib/log/logger.ts'
import { temporaryFolder } from '../../../test/temporary-folder.ts'
import { openConsole } from './console-room.ts'
import { staleness } from './staleness.ts'

/** Stands for the build: writes what a build writes, or ends as `ends` says. */
const BUILDS = `import { mkdirSync, writeFileSync } from 'node:fs'
const dist = import.meta.dirname + '/dist'
mkdirSync(dist, { recursive: true })
writeFileSync(dist + '/index.html', 'built')
writeFileSync(dist + '/sources', 'digest')
`

function checkout(t: TestContext, build = BUILDS) {
  const root = temporaryFolder(t)
  const put = (path: string, text: string) => {
    mkdirSync(dirname(join(root, path)), { recursive: true })
    writeFileSync(join(root, path), text)
  }
  put('package.json', '{ "type": "module" }')
  put('web/src/main.ts', '')
  put('web/build.ts', build)
  put('src/api/contract/routes.ts', '')
  put('node_modules/vite/package.json', '{}')
  const said: (Facts & { level: string })[] = []
  const say = (level: string) => (_message: string, facts?: Facts) => void said.push({ level, ...facts })
  const log = { debug: say('debug'), info: say('info'), warn: say('warn'), error: say('error') }
  const touch = (path: string, seconds: number) => utimesSync(join(root, path), seconds, seconds)
  return { root, put, said, log, touch }
}

test('a console that is not there is built beside the start, and served as soon as it is', async t => {
  const { root, said, log } = checkout(t)

  const console = openConsole(root, log)
  const [isThere, absence] = [console.files.isThere, console.absence()]
  await console.built

  assert.equal(isThere, false)
  assert.match(absence, /being built/)
  assert.equal(readFileSync(join(root, 'web/dist/index.html'), 'utf8'), 'built')
  assert.deepEqual(
    said.map(({ level, does }) => [level, does]),
    [
      ['info', 'is built from its sources, beside the start'],
      ['info', 'is built'],
    ],
  )
})

test('what is built stays as long as no source is newer, and nothing is said', async t => {
  const { root, put, said, log, touch } = checkout(t)
  put('web/dist/index.html', 'old')
  put('web/dist/sources', '')
  for (const path of ['web/src/main.ts', 'web/build.ts', 'package.json', 'src/api/contract/routes.ts'])
    touch(path, 1000)

  const console = openConsole(root, log)
  await console.built
  const fresh = staleness(root)
  touch('src/api/contract/routes.ts', Date.now() / 1000 + 60)

  assert.deepEqual([console.files.isThere, said, fresh, staleness(root)], [true, [], 'fresh', 'stale'])
})

test('a build that fails is told with its reason, and what was there before is served', async t => {
  const { root, put, said, log } = checkout(t, "throw new Error('no such component')\n")
  put('web/dist/index.html', 'old')

  const console = openConsole(root, log)
  await console.built

  assert.equal(console.files.isThere, true)
  assert.match(String(said.at(-1)?.['problem']), /not built: Error: no such component/)
  assert.equal(said.at(-1)?.['do'], 'npm run web')
  assert.match(console.absence(), /could not be built/)
})

test('a build that somebody else ends has failed', async t => {
  const { root, said, log } = checkout(t, "process.kill(process.pid, 'SIGKILL')\n")

  const console = openConsole(root, log)
  await console.built

  assert.match(String(said.at(-1)?.['problem']), /not built: ended by SIGKILL/)
  assert.match(console.absence(), /could not be built/)
})

test('a release has no sources, and an installation without tools says what is missing', async t => {
  const release = checkout(t)
  release.put('web/dist/index.html', 'released')
  rmSync(join(release.root, 'web/src'), { recursive: true })
  const bare = checkout(t)
  rmSync(join(bare.root, 'node_modules'), { recursive: true })
  const none = checkout(t)
  rmSync(join(none.root, 'web'), { recursive: true })

  const consoles = [release, bare, none].map(({ root, log }) => openConsole(root, log))

  assert.deepEqual(
    consoles.map(({ files }) => files.isThere),
    [true, false, false],
  )
  assert.deepEqual(release.said, [])
  assert.match(String(bare.said[0]?.['problem']), /npm ci/)
  assert.match(String(none.said[0]?.['problem']), /not part of this installation/)
})

test('a stop ends a build that still runs, without a word', async t => {
  const { root, said, log } = checkout(t, 'setInterval(() => {}, 1000)\n')

  const console = openConsole(root, log)
  console.stop()
  await console.built

  assert.equal(existsSync(join(root, 'web/dist')), false)
  assert.equal(said.length, 1)
})

test('a folder that cannot be written to is told', t => {
  const { root, said, log } = checkout(t)

  const console = openConsole(root, log, () => false)

  assert.match(console.absence(), /cannot be written to by the daemon: run npm run web/)
  assert.deepEqual([console.files.isThere, said.length, said[0]?.level], [false, 1, 'warn'])
})
