import assert from 'node:assert/strict'
import { test } from 'node:test'
import { placeInput } from './place-input.ts'

test('fields go into the path, and the rest into the query or the body by the method', () => {
  const read = placeInput('GET', '/api/v1/explain/:subject', {
    subject: '2001:db8::/32',
    limit: 5,
    at: undefined,
  })
  const change = placeInput('PATCH', '/api/v1/users/:name', { name: 'a b', role: 'viewer' })
  const removal = placeInput('DELETE', '/api/v1/bans/:host', { host: '192.0.2.1', reason: 'ä&' })

  assert.deepEqual(read, { url: '/api/v1/explain/2001%3Adb8%3A%3A%2F32?limit=5', body: undefined })
  assert.deepEqual(change, { url: '/api/v1/users/a%20b', body: '{"role":"viewer"}' })
  assert.deepEqual(removal, { url: '/api/v1/bans/192.0.2.1?reason=%C3%A4%26', body: undefined })
})
