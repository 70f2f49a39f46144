// What a thread loads it keeps in memory, with every other copy of it in other threads. Where much was left out on purpose, it
// must not come back by an import that nobody thought about.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { importsOf, planted, type RepositoryFile, SOURCES } from './repository.ts'

/** Packages that a program loads as it starts: what it imports by and by, types left out. */
function loadedBy(start: string, files: readonly RepositoryFile[]): ReadonlySet<string> {
  const sources = new Map(files.map(file => [file.path, file]))
  const reached = new Set([start])
  // A set may grow while it is walked: what is reached is walked too.
  for (const path of reached) {
    const file = sources.get(path)
    for (const target of file === undefined ? [] : importsOf(atStart(file))) reached.add(target)
  }
  return new Set([...reached].filter(path => !path.startsWith('src/') && !path.startsWith('node:')))
}

/** Without types, and without what is loaded later or in another thread. */
function atStart({ path, text }: RepositoryFile): RepositoryFile {
  const kept = text
    .replace(/^(?:import|export) type [^;]*?from '[^']+'/gm, '')
    .replace(/\bimport\(/g, '')
    .replace(/\bnew URL\(/g, '')
  return { path, text: kept }
}

test('threads that count and judge load no library', () => {
  const loaded = ['capture/capture', 'engine-worker/engine'].map(name => [
    ...loadedBy(`src/app/${name}-worker.ts`, SOURCES),
  ])

  assert.deepEqual(loaded, [['koffi'], []])
})

test('the daemon has no database in its main thread', () => {
  const loaded = loadedBy('src/app/verbs/run.ts', SOURCES)

  assert.ok(loaded.has('fastify') && loaded.has('zod'))
  for (const name of ['kysely', 'pg', 'nodemailer', '@redis/client', '@grpc/grpc-js'])
    assert.ok(!loaded.has(name), name)
})

test('types and what is loaded later do not count', () => {
  const files = [
    planted('src/app/a.ts', "import type { z } from 'zod'", "import { b } from './b.ts'"),
    planted('src/app/b.ts', "import { sql } from 'kysely'", "const pg = await import('pg')"),
  ]

  assert.deepEqual(loadedBy('src/app/a.ts', files), new Set(['kysely']))
})
