// Files and folders are named for one idea; words that fit everything are refused.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { planted, type RepositoryFile, SOURCES } from './repository.ts'

const BANNED = 'util utils helper helpers common misc manager service data info index'.split(' ')

function badNames(files: readonly RepositoryFile[]): string[] {
  return files.flatMap(({ path }) =>
    path.split('/').flatMap(segment => {
      const words = segment.split('.')[0]?.split(/[-_]/) ?? []
      const bad = words.find(word => BANNED.includes(word))
      return bad === undefined ? [] : [`${path}: "${bad}" says nothing`]
    }),
  )
}

test('no file or folder is called utils or one of its kin', () => {
  assert.deepEqual(badNames(SOURCES), [])
})

test('the name check looks at every word of a path', () => {
  const found = badNames([
    planted('src/utils/a.ts'),
    planted('src/a/host-info.ts'),
    planted('src/a/index.ts'),
  ])

  assert.equal(found.length, 3)
  assert.deepEqual(badNames([planted('src/lib/linux/netlink.ts')]), [])
})
