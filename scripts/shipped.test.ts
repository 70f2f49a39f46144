import assert from 'node:assert/strict'
import { test } from 'node:test'
import { FILES, importsOf } from '../test/tidy/repository.ts'
import { isShipped } from './shipped.ts'

test('a release holds every file that a file of it imports', () => {
  const shipped = new Set(FILES.map(({ path }) => path).filter(isShipped))

  const missing = FILES.filter(({ path }) => shipped.has(path) && path.endsWith('.ts')).flatMap(file =>
    importsOf(file)
      .filter(target => /^(?:src|test|lab|scripts|web|bench)\//.test(target) && !shipped.has(target))
      .map(target => `${file.path} imports ${target}`),
  )

  assert.deepEqual(missing, [])
  assert.ok(shipped.has('src/main.ts') && shipped.has('floodwarden') && shipped.has('bin/floodwarden-event'))
})

test('what only tests or builds is not in it', () => {
  const left = [
    'src/a.test.ts',
    'src/b-for-tests.ts',
    'test/browser/a.ts',
    'web/build.ts',
    'lab/demo.ts',
    '.gitignore',
  ]

  assert.deepEqual(left.filter(isShipped), [])
})
