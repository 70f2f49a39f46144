// Holds the import rule of ARCHITECTURE.md: a lower number or lib, never a higher number.

import assert from 'node:assert/strict'
import { dirname } from 'node:path'
import { test } from 'node:test'
import { COMPONENTS, importsOf, isForTests, planted, type RepositoryFile, SOURCES } from './repository.ts'

const PURE_LIB = ['ip', 'pcap', 'flowspec', 'schema', 'hash', 'metrics', 'assert.ts', 'unreachable.ts']
const PURE_PACKAGES = ['zod']
const SERVERS = ['store', 'cluster', 'export', 'notify', 'api']
const CLIENTS = ['cli', 'tui']

/** `4-detection` for `src/4-detection/attack.ts`, `main.ts` for `src/main.ts`. */
const roomOf = (path: string) => path.split('/')[1] ?? ''
/** Within it `./` and `../` are fine: a room, and in lib each folder by itself. */
const houseOf = (path: string) =>
  dirname(path)
    .split('/')
    .slice(0, roomOf(path) === 'lib' ? 3 : 2)
    .join('/')
const stageOf = (room: string) => (/^[1-8]-/.test(room) ? Number(room[0]) : 0)
const isPure = (room: string) => stageOf(room) >= 2 && stageOf(room) <= 7
const isContract = (path: string) => path.startsWith('src/api/contract/')

function layerViolations(files: readonly RepositoryFile[]): string[] {
  return files
    .filter(file => file.path.startsWith('src/'))
    .flatMap(file => [
      ...importsOf(file)
        .filter(target => !mayImport(file.path, target))
        .map(target => `${file.path} may not import ${target}`),
      ...importsOf(file)
        .filter(target => target.startsWith('src/') && !target.startsWith(`${houseOf(file.path)}/`))
        .filter(target => !file.text.includes(target.replace('src/', '#')))
        .map(target => `${file.path} reaches ${target} by ../: write it with #`),
    ])
}

function mayImport(from: string, to: string): boolean {
  if (!to.startsWith('src/')) return mayImportOutside(from, to)
  const here = roomOf(from)
  const there = roomOf(to)
  if (here === 'main.ts') return true
  if (isContract(from) && there === 'api') return isContract(to)
  if (here === there) return true
  if (there === 'app' || there === 'main.ts') return false
  if (here === 'app') return there !== 'cli'
  if (there === 'lib') return !isPure(here) || isForTests(from) || PURE_LIB.includes(to.split('/')[2] ?? '')
  if (CLIENTS.includes(here)) return isContract(to)
  if (here === 'compat') return stageOf(there) > 0 || isContract(to)
  if (SERVERS.includes(here)) return stageOf(there) > 0
  return stageOf(there) > 0 && stageOf(there) < stageOf(here)
}

/** Packages, `node:` modules and folders beside src. */
function mayImportOutside(from: string, to: string): boolean {
  if (isForTests(from)) return true
  if (/^(app|lab|bench|test|scripts|web)\//.test(to)) return false
  return !isPure(roomOf(from)) || PURE_PACKAGES.includes(to)
}

/** What a browser is sent: the contract's types, what is pure, and nothing of the daemon. */
const BROWSER_LIB = /^src\/lib\/(?:ip|clock)\/|^src\/lib\/number-text\.ts$/

/** Of the contract's values only what brings no schema with it. */
const BROWSER_CONTRACT = ['src/api/contract/target-text.ts']

function browserViolations(files: readonly RepositoryFile[]): string[] {
  return files
    .filter(({ path }) => path.startsWith('web/src/') && !isForTests(path))
    .flatMap(file => {
      const values = { ...file, text: file.text.replace(/^\s*import type [^']*'[^']+'/gm, '') }
      const wrong = (target: string) =>
        target.startsWith('src/') && !BROWSER_LIB.test(target) && !BROWSER_CONTRACT.includes(target)
      return [
        ...importsOf(file).filter(
          target => target.startsWith('src/') && !isContract(target) && wrong(target),
        ),
        ...importsOf(values).filter(
          target => wrong(target) || target.startsWith('node:') || target === 'zod',
        ),
      ].map(target => `${file.path} may not import ${target}`)
    })
}

test('every import goes down', () => {
  assert.deepEqual(layerViolations(SOURCES), [])
})

test('the console takes types of the contract, and nothing of the daemon into the browser', () => {
  assert.deepEqual(browserViolations([...SOURCES, ...COMPONENTS]), [])
  const wrong = [
    "import { ROUTES } from '#api/contract/routes.ts'",
    "import type { Daemon } from '#app/daemon.ts'",
    "import { z } from 'zod'",
    "import { join } from 'node:path'",
  ]
  for (const line of wrong)
    assert.ok(
      browserViolations([planted('web/src/a.svelte', `  ${line}`)]).length > 0,
      `${line} was not seen`,
    )
  assert.deepEqual(browserViolations([planted('web/src/a.ts', "import type { z } from 'zod'")]), [])
})

test('the layer check sees each kind of wrong import', () => {
  const wrong: [string, string][] = [
    ['src/3-traffic/a.ts', '#4-detection/attack.ts'],
    ['src/3-traffic/a.ts', 'node:fs'],
    ['src/3-traffic/a.ts', 'koffi'],
    ['src/3-traffic/a.ts', '#lib/linux/libc.ts'],
    ['src/3-traffic/a.ts', '#store/attacks.ts'],
    ['src/3-traffic/a.ts', '../2-decode/sample.ts'],
    ['src/8-enforcement/a.ts', '../../lab/demo.ts'],
    ['src/lib/ip/a.ts', '#1-capture/config.ts'],
    ['src/compat/a.ts', '#store/attacks.ts'],
    ['src/tui/a.ts', '#4-detection/attack.ts'],
    ['src/cli/a.ts', '#api/server.ts'],
    ['src/cli/a.ts', '#app/start.ts'],
    ['src/app/a.ts', '#cli/program.ts'],
    ['src/api/contract/a.ts', '#api/server.ts'],
    ['src/api/a.ts', '#app/start.ts'],
  ]

  for (const [path, target] of wrong) {
    const found = layerViolations([planted(path, `import { a } from '${target}'`)])
    assert.ok(found.length > 0, `${path} importing ${target} was not seen`)
  }
})

test('the layer check lets right imports pass', () => {
  const right: [string, string][] = [
    ['src/main.ts', '#app/start.ts'],
    ['src/main.ts', '#cli/program.ts'],
    ['src/app/a.ts', '#8-enforcement/enforcers.ts'],
    ['src/4-detection/a.ts', '#3-traffic/metric.ts'],
    ['src/4-detection/a.ts', 'zod'],
    ['src/4-detection/a.test.ts', 'node:test'],
    ['src/1-capture/a.ts', 'node:fs'],
    ['src/tui/a.ts', '#api/contract/routes.ts'],
    ['src/compat/a.ts', '#5-evidence/report.ts'],
  ]

  const found = right.flatMap(([path, target]) =>
    layerViolations([planted(path, `import { a } from '${target}'`)]),
  )

  assert.deepEqual(found, [])
})
