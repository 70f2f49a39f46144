import assert from 'node:assert/strict'
import { test } from 'node:test'
import { PAGES } from './pages.ts'

test('no two pages have the same path, title or keys', () => {
  for (const read of ['path', 'title', 'keys'] as const) {
    const values = PAGES.flatMap(page => page[read] ?? [])
    assert.deepEqual([...new Set(values)], values, read)
  }
})
