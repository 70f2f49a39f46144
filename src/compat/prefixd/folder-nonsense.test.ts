import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { stringify } from 'yaml'
import { FILES, folderWith, mainWith } from './folder-for-tests.ts'
import { PREFIXD_KEYS } from './key-table.ts'

const FOLDER = ['prefixd.yaml', 'inventory.yaml', 'playbooks.yaml', 'alerting.yaml'] as const

/** A line of one of the files, moved to where it does not belong, cut, or none. */
const lines = Object.values(FILES).flatMap(text => text.split('\n'))
const text = fc.oneof(
  fc
    .array(fc.constantFrom(...lines, '- x', '&a', '*a', '<<: {}', '__proto__: 1', '{', '\t'))
    .map(list => list.join('\n')),
  fc.string(),
)

test('whatever the files hold, reading them ends in an answer, refused only by an error', () => {
  fc.assert(
    fc.property(fc.constantFrom(...FOLDER), fc.option(text, { nil: undefined }), (name, written) => {
      const { problems, kept, locate } = folderWith({ [name]: written })
      const hasError = problems.some(({ severity }) => severity === 'error')
      assert.equal(kept === undefined, hasError, name)
      assert.ok(locate(['playbooks', 0, 'steps', 9], 'value').file.startsWith('/etc/prefixd/'))
    }),
  )
})

test('whatever a key of prefixd.yaml holds, it is read or told with a line', () => {
  const keys = PREFIXD_KEYS.filter(({ file, key }) => file === 'prefixd.yaml' && !key.includes('*'))
  const value = fc.oneof(
    fc.constantFrom<unknown>(
      null,
      true,
      'enforced',
      'mock',
      [],
      {},
      '127.0.0.1:1',
      ['192.0.2.0/24'],
      -1,
      0.5,
    ),
    fc.integer(),
    fc.string(),
  )

  fc.assert(
    fc.property(fc.constantFrom(...keys.map(({ key }) => key)), value, (key, written) => {
      const { problems, kept, settings } = folderWith({ 'prefixd.yaml': mainWith({ [key]: written }) })
      const errors = problems.filter(({ severity }) => severity === 'error')
      assert.equal(kept === undefined, errors.length > 0)
      assert.ok(errors.every(({ line }) => line > 0))
      assert.ok(errors.length > 0 || stringify(settings).includes('armed'))
    }),
    { numRuns: 300 },
  )
})
