// The bytes of a written file, field by field; the readers' tests write and read back.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { pcapHeader, pcapRecord } from './writer.ts'

test('a header is the 24 bytes every reader knows', () => {
  assert.equal(
    Buffer.from(pcapHeader(1, 1500, 'micros')).toString('hex'),
    'd4c3b2a1020004000000000000000000dc05000001000000',
  )
  assert.equal(
    Buffer.from(pcapHeader(113, 128, 'nanos'))
      .toString('hex')
      .slice(0, 8),
    '4d3cb2a1',
  )
})

test('a record says when, how much is there, and how much was there', () => {
  const record = pcapRecord(
    { seconds: 1, nanoseconds: 2_003_999, bytes: Uint8Array.of(0xab), wire: 60 },
    'micros',
  )

  assert.equal(Buffer.from(record).toString('hex'), '01000000d3070000010000003c000000ab')
})

test('a packet longer than any reader takes is a mistake of ours', () => {
  const bytes = new Uint8Array(262_145)

  assert.throws(
    () => pcapRecord({ seconds: 1, nanoseconds: 0, bytes, wire: bytes.length }, 'micros'),
    /assertion/,
  )
})
