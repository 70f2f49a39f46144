// Modules hold no state; only hot files may, and they say so in their first line.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { isForTests, planted, type RepositoryFile, SOURCES } from './repository.ts'

const STATE = [
  {
    what: 'a typed array',
    pattern: /^(?:export )?const \w+[^=]* = new (?:Big)?(?:Uint|Int|Float)\d+(?:Clamped)?Array\(/,
  },
  {
    what: 'a buffer',
    pattern: /^(?:export )?const \w+[^=]* = (?:new (?:Shared)?ArrayBuffer\(|Buffer\.alloc)/,
  },
  { what: 'a view', pattern: /^(?:export )?const \w+[^=]* = new DataView\(/ },
  {
    what: 'an empty collection',
    pattern: /^(?:export )?const \w+[^=]* = new (?:Weak)?(?:Map|Set)(?:<.*>)?\(\)/,
  },
  { what: 'a variable', pattern: /^(?:export )?let / },
]

function moduleState(files: readonly RepositoryFile[]): string[] {
  return files
    .filter(
      file => file.path.startsWith('src/') && !isForTests(file.path) && !file.text.startsWith('// Hot path.'),
    )
    .flatMap(file =>
      file.text.split('\n').flatMap((line, at) => {
        const found = STATE.find(({ pattern }) => pattern.test(line))
        return found ? [`${file.path}:${at + 1}: the module holds ${found.what}`] : []
      }),
    )
}

test('only hot files hold state in their module', () => {
  assert.deepEqual(moduleState(SOURCES), [])
})

test('the state check sees arrays, buffers, views, collections and variables', () => {
  const lines = [
    'const COUNTS = new Uint32Array(4)',
    'export const SHARED: SharedArrayBuffer = new SharedArrayBuffer(64)',
    'const VIEW = new DataView(SHARED)',
    'const seen = new Map<string, number>()',
    'let count = 0',
  ]

  assert.equal(moduleState([planted('src/3-traffic/a.ts', '// Counts.', ...lines)]).length, lines.length)
  assert.deepEqual(moduleState([planted('src/3-traffic/a.ts', '// Hot path. Counts.', ...lines)]), [])
  assert.deepEqual(moduleState([planted('src/a.ts', 'function a() {', '  let count = 0', '}')]), [])
})

test('only stages 1 to 3 and lib have hot files', () => {
  const hot = SOURCES.filter(file => file.path.startsWith('src/') && file.text.startsWith('// Hot path.'))

  const elsewhere = hot.filter(file => !/^src\/(?:[123]-|lib\/)/.test(file.path)).map(file => file.path)

  assert.deepEqual(elsewhere, [])
})
