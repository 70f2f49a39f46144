// A file that nobody reaches is dead; being imported by its own test does not bring it to life.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { FILES, importsOf, isTest, planted, type RepositoryFile } from './repository.ts'

function deadFiles(files: readonly RepositoryFile[]): string[] {
  const sources = new Map(
    files.filter(({ path }) => /\.(?:ts|svelte)$/.test(path)).map(file => [file.path, file]),
  )
  const alive = new Set([
    'src/main.ts',
    'web/src/main.ts',
    ...[...sources.keys()].filter(isTest),
    ...startedPrograms(files),
  ])
  // A set may grow while it is walked: what is reached is walked too.
  for (const path of alive) {
    const file = sources.get(path)
    for (const target of file ? importsOf(file) : []) if (!isOwnTest(path, target)) alive.add(target)
  }
  return [...sources.keys()].filter(path => !alive.has(path))
}

const isOwnTest = (path: string, target: string) => path === target.replace(/\.ts$/, '.test.ts')

/** Files that scripts of package.json, launchers, and deploy files start. */
function startedPrograms(files: readonly RepositoryFile[]): string[] {
  return files
    .filter(({ path }) => path === 'package.json' || /^(?:bin|scripts|deploy|\.ci)\//.test(path))
    .flatMap(({ text }) => text.match(/\b(?:src|scripts|bench|lab|test|web)\/[\w./-]+\.ts\b/g) ?? [])
}

test('every file is used', () => {
  assert.deepEqual(deadFiles(FILES), [])
})

test('the dead file check follows imports from where programs begin', () => {
  const files = [
    planted('package.json', '"bench": "node bench/run.ts"'),
    planted('bench/run.ts', "import { a } from '../src/lib/used.ts'"),
    planted('src/lib/used.ts', "const other = import('#lib/lazily.ts?1')"),
    planted('src/lib/lazily.ts', "new Worker(new URL('./worker.ts', import.meta.url))"),
    planted('src/lib/worker.ts', ''),
    planted('src/lib/tested.ts', "import { a } from './below.ts'"),
    planted(
      'src/lib/tested.test.ts',
      "import { tested } from './tested.ts'",
      "import { a } from './support.ts'",
    ),
    planted('src/lib/below.ts', ''),
    planted('src/lib/support.ts', ''),
  ]

  assert.deepEqual(deadFiles(files), ['src/lib/tested.ts', 'src/lib/below.ts'])
})
