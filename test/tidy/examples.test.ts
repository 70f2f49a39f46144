// Each configuration shown on a page is one the program accepts.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parse } from 'yaml'
import { configSchema } from '../../src/app/config/config.ts'
import { MARKDOWN, planted, type RepositoryFile } from './repository.ts'

function refusedExamples(files: readonly RepositoryFile[]): string[] {
  return files.flatMap(file =>
    [...file.text.matchAll(/^( *)```yaml\n([\s\S]*?)^ *```/gm)]
      .map(([, indent = '', text = '']) => text.replaceAll(new RegExp(`^${indent}`, 'gm'), ''))
      .map(text => configSchema.safeParse(parse(text)))
      .flatMap(result => (result.success ? [] : [`${file.path}: ${result.error.message}`])),
  )
}

test('every example configuration is accepted', () => {
  assert.deepEqual(refusedExamples(MARKDOWN), [])
})

test('the example check reads the blocks, also those inside lists', () => {
  const wrong = planted(
    'docs/a.md',
    '1. So:',
    '',
    '   ```yaml',
    '   capture:',
    '     ringMegabytez: 1',
    '   ```',
  )
  const right = planted(
    'docs/b.md',
    '1. So:',
    '',
    '   ```yaml',
    '   capture:',
    '     ringMegabytes: 1',
    '   ```',
  )

  assert.equal(refusedExamples([wrong]).length, 1)
  assert.deepEqual(refusedExamples([right]), [])
})
