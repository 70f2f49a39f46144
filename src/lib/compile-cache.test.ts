import assert from 'node:assert/strict'
import { test } from 'node:test'
import { cacheDirectory } from './compile-cache.ts'

test('compiled code is kept where only its user may write', () => {
  const at = (environment: Record<string, string>, uid: number) => cacheDirectory({ environment, uid })

  assert.equal(at({ CACHE_DIRECTORY: '/var/cache/fw:/other' }, 500), '/var/cache/fw')
  assert.equal(at({ HOME: '/home/admin' }, 0), '/var/cache/floodwarden')
  assert.equal(at({ HOME: '/home/ann' }, 1000), '/home/ann/.cache/floodwarden')
  assert.equal(at({ HOME: '/home/ann', XDG_CACHE_HOME: '/x' }, 1000), '/x/floodwarden')
  assert.equal(at({ HOME: '/home/ann', XDG_CACHE_HOME: 'x' }, 1000), '/home/ann/.cache/floodwarden')
})
