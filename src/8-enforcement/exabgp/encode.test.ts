import assert from 'node:assert/strict'
import { test } from 'node:test'
import { commandOf } from './encode.ts'

const ROUTE = {
  prefix: '10.99.1.1/32',
  nextHop: '10.0.3.114',
  communities: ['65001:666', '65001:777'],
}

test('commands are those FastNetMon 1.2.4 writes into the pipe', () => {
  assert.equal(
    commandOf({ kind: 'announce', route: ROUTE }),
    'announce route 10.99.1.1/32 next-hop 10.0.3.114 community [65001:666 65001:777]\n',
  )
  assert.equal(
    commandOf({ kind: 'withdraw', route: ROUTE }),
    'withdraw route 10.99.1.1/32 next-hop 10.0.3.114\n',
  )
})

test('one community stands without brackets, none is not mentioned, and IPv6 is the same', () => {
  const route = { prefix: '2001:db8::1/128', nextHop: '100::1', communities: ['65535:666'] }

  assert.equal(
    commandOf({ kind: 'announce', route }),
    'announce route 2001:db8::1/128 next-hop 100::1 community 65535:666\n',
  )
  assert.equal(
    commandOf({ kind: 'announce', route: { ...route, communities: [] } }),
    'announce route 2001:db8::1/128 next-hop 100::1\n',
  )
})
