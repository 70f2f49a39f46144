import assert from 'node:assert/strict'
import { test } from 'node:test'
import { encodeUnixAddress } from './unix-address.ts'

test('a path ends with a zero', () => {
  assert.deepEqual(encodeUnixAddress('/a'), Uint8Array.of(1, 0, 0x2f, 0x61, 0))
})

test('an abstract name begins with a zero and has none at its end', () => {
  assert.deepEqual(encodeUnixAddress('@a'), Uint8Array.of(1, 0, 0, 0x61))
})

test('what is no address, or does not fit, is none', () => {
  for (const text of ['', '@', '/', 'relative', 'vsock:2:1']) assert.equal(encodeUnixAddress(text), undefined)
  assert.equal(encodeUnixAddress(`/${'a'.repeat(106)}`)?.length, 110)
  assert.equal(encodeUnixAddress(`/${'a'.repeat(107)}`), undefined)
  assert.equal(encodeUnixAddress(`@${'a'.repeat(107)}`)?.length, 110)
  assert.equal(encodeUnixAddress(`@${'a'.repeat(108)}`), undefined)
})
