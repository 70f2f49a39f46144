import assert from 'node:assert/strict'
import { test } from 'node:test'
import { formatListenAddress, parseListenAddress } from './listen-address.ts'

test('addresses are read and written back', () => {
  for (const text of ['127.0.0.1:9209', '[::1]:9209', '0.0.0.0:0', '[2001:db8::1]:65535']) {
    const address = parseListenAddress(text)
    assert.ok(address !== undefined, text)
    assert.equal(formatListenAddress(address), text)
  }
})

test('what is no address is refused', () => {
  for (const text of [
    '',
    'off',
    '9209',
    ':9209',
    '::1:9209',
    '1.2.3.4',
    '1.2.3.4:',
    '1.2.3.4:65536',
    'a b:1',
    'localhost:1',
    '[1.2.3.4]:1',
    '1.2.3.4:01',
  ]) {
    assert.equal(parseListenAddress(text), undefined, text)
  }
})
