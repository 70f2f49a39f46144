import assert from 'node:assert/strict'
import { test } from 'node:test'
import { isLoopback } from './loopback.ts'

test('127.0.0.0/8 and ::1 are this machine, everything else is not', () => {
  for (const text of ['127.0.0.1', '127.9.9.9', '::1', '0:0::1']) assert.equal(isLoopback(text), true, text)
  for (const text of ['0.0.0.0', '0.0.0.1', '::', '128.0.0.1', '192.0.2.1', 'localhost', '127.1', ''])
    assert.equal(isLoopback(text), false, text)
})
