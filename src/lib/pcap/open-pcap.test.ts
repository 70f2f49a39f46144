// Which format a file is in, and what is said of those that are none.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { BlockBuilder, readAll } from './captures-for-tests.ts'
import { openPcap } from './open-pcap.ts'
import { pcapHeader } from './writer.ts'

function open(bytes: Uint8Array) {
  const record = { at: 0, captured: 0, wire: 0, seconds: 0, nanoseconds: 0, link: 0 }
  return openPcap(new DataView(bytes.buffer, bytes.byteOffset, bytes.length), 0, bytes.length, record)
}

const startingWith = (...bytes: number[]): Uint8Array =>
  Uint8Array.from({ length: 64 }, (_, at) => bytes[at] ?? 0)

test('both formats are known by their first bytes', () => {
  assert.equal(open(pcapHeader(1, 128, 'micros')).kind, 'opened')
  assert.equal(open(pcapHeader(1, 128, 'nanos')).kind, 'opened')
  assert.equal(open(Uint8Array.from(new BlockBuilder(true).section())).kind, 'opened')
  assert.equal(open(Uint8Array.from(new BlockBuilder(false).section())).kind, 'opened')
})

test('a header that is not whole asks for more', () => {
  assert.equal(open(pcapHeader(1, 128, 'micros').subarray(0, 23)).kind, 'more')
  assert.equal(open(new Uint8Array(0)).kind, 'more')
})

test('compressed files are named, with what to do', () => {
  const cases = [
    { bytes: [0x1f, 0x8b, 8, 0], reason: /gzip: run gunzip/ },
    { bytes: [0x1f, 0x8b, 8, 8], reason: /gzip: run gunzip/ },
    { bytes: [0x28, 0xb5, 0x2f, 0xfd], reason: /zstd: run unzstd/ },
    { bytes: [0x04, 0x22, 0x4d, 0x18], reason: /lz4: run unlz4/ },
    { bytes: [0xfd, 0x37, 0x7a, 0x58], reason: /xz: run unxz/ },
    { bytes: [0x48, 0x65, 0x6c, 0x6c], reason: /neither pcap nor pcapng/ },
  ]
  for (const { bytes, reason } of cases) {
    const opened = open(startingWith(...bytes))

    assert.ok(opened.kind === 'broken')
    assert.equal(opened.at, 0)
    assert.match(opened.reason, reason)
  }
})

test('another version of the format is refused', () => {
  const header = pcapHeader(1, 128, 'micros')
  header[4] = 3

  const opened = open(header)

  assert.ok(opened.kind === 'broken')
  assert.match(opened.reason, /version 3/)
})

test('no bytes make it throw', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), fc.integer({ min: 1, max: 50 }), (bytes, piece) => {
      assert.ok(readAll(bytes, piece).left >= 0)
    }),
  )
})
