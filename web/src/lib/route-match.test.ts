import assert from 'node:assert/strict'
import { test } from 'node:test'
import { matchPath, pathTo } from './route-match.ts'

const PAGES = [{ path: '/' }, { path: '/attacks' }, { path: '/attacks/:id' }, { path: '/hosts/:host' }]

test('a path names its page and what stands in it', () => {
  const found = ['/', '/attacks/', '/attacks/a-1', '/hosts/2001%3Adb8%3A%3A1', '/hosts/%E0', '/no/where'].map(
    path => matchPath(PAGES, path),
  )

  assert.deepEqual(
    found.map(match => match && [match.page.path, match.parts]),
    [
      ['/', {}],
      ['/attacks', {}],
      ['/attacks/:id', { id: 'a-1' }],
      ['/hosts/:host', { host: '2001:db8::1' }],
      ['/hosts/:host', { host: '%E0' }],
      undefined,
    ],
  )
})

test('a path is made of its parts, and says nothing of what is not wanted', () => {
  assert.equal(pathTo('/hosts/:host', { host: '192.0.2.0/24' }), '/hosts/192.0.2.0%2F24')
  assert.equal(pathTo('/attacks', {}, { state: 'open', sort: undefined, find: '' }), '/attacks?state=open')
})
