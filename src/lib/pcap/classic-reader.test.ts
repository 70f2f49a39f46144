// Classic pcap: written and read back, in both byte orders and units, in pieces, cut and broken.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { readAll } from './captures-for-tests.ts'
import { pcapHeader, pcapRecord } from './writer.ts'

const packetArbitrary = fc.record({
  seconds: fc.integer({ min: 0, max: 0xffff_ffff }),
  nanoseconds: fc.integer({ min: 0, max: 999_999_999 }),
  bytes: fc.uint8Array({ maxLength: 80 }),
  more: fc.nat(3000),
})
const fileArbitrary = fc
  .array(packetArbitrary, { maxLength: 8 })
  .map(packets => packets.map(({ more, ...packet }) => ({ ...packet, wire: packet.bytes.length + more })))

type Packets = typeof fileArbitrary extends fc.Arbitrary<infer T> ? T : never

function fileOf(packets: Packets, unit: 'micros' | 'nanos' = 'nanos'): Uint8Array {
  return Buffer.concat([pcapHeader(1, 65_535, unit), ...packets.map(packet => pcapRecord(packet, unit))])
}

const expected = (packets: Packets) =>
  packets.map(({ bytes, wire, seconds, nanoseconds }) => ({
    bytes: [...bytes],
    wire,
    seconds,
    nanoseconds,
    link: 1,
  }))

/** The same file as a machine of the other byte order would have written it. */
function swapped(file: Uint8Array, headBytes = 16): Uint8Array {
  const view = new DataView(Uint8Array.from(file).buffer)
  const swap32 = (at: number) => view.setUint32(at, view.getUint32(at, true))
  for (const at of [4, 6]) view.setUint16(at, view.getUint16(at, true))
  for (const at of [0, 8, 12, 16, 20]) swap32(at)
  for (let at = 24; at < view.byteLength; ) {
    const captured = view.getUint32(at + 8, true)
    for (const field of [0, 4, 8, 12]) swap32(at + field)
    at += headBytes + captured
  }
  return new Uint8Array(view.buffer)
}

const PACKET = { seconds: 1_795_169_509, nanoseconds: 883_663_417, bytes: Uint8Array.of(1, 2, 3), wire: 60 }

test('what is written with nanoseconds is read back as it was, however the file arrives', () => {
  fc.assert(
    fc.property(fileArbitrary, fc.integer({ min: 1, max: 64 }), (packets, piece) => {
      const { packets: read, problem, left } = readAll(fileOf(packets), piece)

      assert.deepEqual(read, expected(packets))
      assert.equal(problem, undefined)
      assert.equal(left, 0)
    }),
  )
})

test('a file of the other byte order reads the same', () => {
  fc.assert(
    fc.property(fileArbitrary, packets => {
      assert.deepEqual(readAll(swapped(fileOf(packets))).packets, expected(packets))
    }),
  )
})

test('microseconds lose the last three digits', () => {
  const { packets } = readAll(fileOf([PACKET], 'micros'))

  assert.equal(packets[0]?.nanoseconds, 883_663_000)
})

test('a fraction that ran over is carried into the seconds', () => {
  const file = fileOf([PACKET], 'micros')
  new DataView(file.buffer, file.byteOffset).setUint32(28, 2_000_007, true)

  const { packets } = readAll(file)

  assert.equal(packets[0]?.seconds, PACKET.seconds + 2)
  assert.equal(packets[0]?.nanoseconds, 7000)
})

test('records of the modified format have eight bytes more before the packet', () => {
  const file = Buffer.concat([
    pcapHeader(113, 65_535, 'micros'),
    pcapRecord(PACKET, 'micros').subarray(0, 16),
    Uint8Array.of(2, 0, 0, 0, 8, 0, 0, 0),
    PACKET.bytes,
  ])
  file.writeUInt32LE(0xa1b2cd34, 0)

  for (const bytes of [file, swapped(file, 24)]) {
    const { packets, left } = readAll(bytes)

    assert.deepEqual(packets[0]?.bytes, [1, 2, 3])
    assert.equal(packets[0]?.link, 113)
    assert.equal(left, 0)
  }
})

test('the link type is known without the bits that say whether frames end in a checksum', () => {
  const file = fileOf([PACKET])
  new DataView(file.buffer, file.byteOffset).setUint32(20, 0x4400_0001, true)

  assert.equal(readAll(file).packets[0]?.link, 1)
})

test('a packet is never shorter on the wire than in the file', () => {
  const { packets } = readAll(fileOf([{ ...PACKET, wire: 0 }]))

  assert.equal(packets[0]?.wire, 3)
})

test('lengths that cannot be end the reading at their record and keep what came before (GHSA-c27c-943r-vr8h)', () => {
  const cases = [
    { field: 8, good: 3, bad: 262_145 },
    { field: 12, good: 1 << 24, bad: (1 << 24) + 1 },
  ]
  for (const { field, good, bad } of cases) {
    const file = fileOf([PACKET, PACKET])
    const view = new DataView(file.buffer, file.byteOffset)
    view.setUint32(43 + field, good, true)
    assert.equal(readAll(file).packets.length, 2)

    view.setUint32(43 + field, bad, true)
    const { packets, problem } = readAll(file)

    assert.equal(packets.length, 1)
    assert.equal(problem?.kind, 'broken')
    assert.equal(problem.at, 43)
    assert.match(problem.reason, new RegExp(String(bad)))
  }
})

test('a cut anywhere keeps every whole packet and is no problem of the reader', () => {
  fc.assert(
    fc.property(fileArbitrary, fc.nat(2000), (packets, cut) => {
      const file = fileOf(packets)
      const { packets: read, problem, left } = readAll(file.subarray(0, cut))

      assert.deepEqual(read, expected(packets).slice(0, read.length))
      assert.equal(problem, undefined)
      const isCutBetween = cut < file.length && left === 0 && packets.length > 0
      if (isCutBetween) assert.ok(read.length < packets.length)
    }),
  )
})

test('no bytes make the reader throw', () => {
  fc.assert(
    fc.property(
      fileArbitrary,
      fc.array(fc.tuple(fc.nat(), fc.nat(255))),
      fc.integer({ min: 1, max: 99 }),
      (packets, changes, piece) => {
        const file = fileOf(packets)
        for (const [at, byte] of changes) file[at % file.length] = byte

        const { packets: read } = readAll(file, piece)

        assert.ok(read.every(packet => packet.nanoseconds < 1e9 && packet.wire >= packet.bytes.length))
      },
    ),
  )
})
