// pcapng: sections, interfaces, every packet block, and everything that may be wrong with them.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { BlockBuilder, readAll } from './captures-for-tests.ts'

const ng = new BlockBuilder(true)
const TIME = 1_795_169_509_883_663n
const READ = { seconds: 1_795_169_509, nanoseconds: 883_663_000 }
const file = (...blocks: readonly number[][]): Uint8Array => Uint8Array.from(blocks.flat())

test('packets of several interfaces have the link type and the time unit of their own', () => {
  for (const order of [new BlockBuilder(true), new BlockBuilder(false)]) {
    const nanos = order.option(9, [9])
    const shifted = [
      ...order.option(2, [101, 116, 104]),
      ...order.option(14, order.u64(100n)),
      ...order.option(0, []),
    ]
    const bytes = file(
      order.section(),
      order.interface(1),
      order.interface(101, nanos),
      order.interface(113, shifted),
      order.enhanced(0, TIME, [1, 2, 3], 60),
      order.enhanced(1, TIME * 1000n + 417n, [4]),
      order.enhanced(2, TIME, []),
    )

    const { packets, problem, left } = readAll(bytes)

    assert.deepEqual(packets, [
      { bytes: [1, 2, 3], wire: 60, ...READ, link: 1 },
      { bytes: [4], wire: 1, seconds: READ.seconds, nanoseconds: 883_663_417, link: 101 },
      { bytes: [], wire: 0, seconds: READ.seconds + 100, nanoseconds: 883_663_000, link: 113 },
    ])
    assert.equal(problem, undefined)
    assert.equal(left, 0)
  }
})

test('an offset may be negative', () => {
  const bytes = file(ng.section(), ng.interface(1, ng.option(14, ng.u64(-9n))), ng.enhanced(0, TIME, [1]))

  assert.equal(readAll(bytes).packets[0]?.seconds, READ.seconds - 9)
})

test('packet blocks of the old kind are read', () => {
  const bytes = file(ng.section(), ng.interface(1), ng.interface(12), ng.old(1, TIME, [9, 8], 70))

  assert.deepEqual(readAll(bytes).packets, [{ bytes: [9, 8], wire: 70, ...READ, link: 12 }])
})

test('simple packets keep the time of the packet before and end at the snap length', () => {
  const bytes = file(
    ng.section(),
    ng.interface(1, [], 4),
    ng.simple([1, 2, 3]),
    ng.enhanced(0, TIME, [1]),
    ng.simple([1, 2, 3, 4], 90),
  )

  const { packets } = readAll(bytes)

  assert.deepEqual(packets[0], { bytes: [1, 2, 3], wire: 3, seconds: 0, nanoseconds: 0, link: 1 })
  assert.deepEqual(packets[2], { bytes: [1, 2, 3, 4], wire: 90, ...READ, link: 1 })
})

test('a new section has its own byte order and interfaces', () => {
  const other = new BlockBuilder(false)
  const first = [...ng.section(), ...ng.interface(1), ...ng.enhanced(0, TIME, [1])]
  const second = [...other.section(), ...other.interface(101), ...other.enhanced(0, TIME, [2])]

  const { packets } = readAll(file(first, second, first))

  assert.deepEqual(
    packets.map(packet => packet.link),
    [1, 101, 1],
  )
})

test('interfaces of the section before are forgotten', () => {
  const { packets, problem } = readAll(
    file(ng.section(), ng.interface(1), ng.section(), ng.enhanced(0, TIME, [1])),
  )

  assert.equal(packets.length, 0)
  assert.match(problem?.reason ?? '', /interface 0, which was not described/)
  assert.equal(problem?.at, 76)
})

test('blocks nobody needs are skipped, even those longer than what is in memory', () => {
  const huge = ng.block(5, Array<number>(3000).fill(0xaa))
  const bytes = file(ng.section(), huge, ng.interface(1), huge, ng.enhanced(0, TIME, [1]), huge)

  for (const piece of [1, 7, 100, 100_000]) {
    const { packets, left } = readAll(bytes, piece)

    assert.equal(packets.length, 1)
    assert.equal(left, 0)
  }
})

test('what cannot be is reported with its place', () => {
  const start = [...ng.section(), ...ng.interface(1)]
  const packet = ng.enhanced(0, TIME, [1, 2, 3, 4])
  const changed = (block: readonly number[], at: number, bytes: readonly number[]): number[] =>
    block.map((byte, index) => bytes[index - at] ?? byte)
  const cases = [
    { block: changed(packet, 4, ng.u32(8)), reason: /a block of 8 bytes/ },
    { block: changed(packet, 4, ng.u32(37)), reason: /a block of 37 bytes/ },
    { block: changed(packet, 4, ng.u32((1 << 20) + 4)), reason: /longer than 1048576/ },
    { block: changed(packet, packet.length - 4, ng.u32(40)), reason: /two lengths of a block differ/ },
    { block: changed(packet, 8, ng.u32(1)), reason: /interface 1, which was not described/ },
    { block: changed(packet, 20, ng.u32(5)), reason: /5 of them captured, in a block with room for 4/ },
    { block: changed(packet, 24, ng.u32((1 << 24) + 1)), reason: /a packet of 16777217 bytes/ },
    { block: changed(packet, 12, ng.u32(0xffff_ffff)), reason: /after the year 9999/ },
    { block: ng.block(6, ng.u32(0)), reason: /packet block that is too short/ },
    { block: ng.block(3, []), reason: /packet block that is too short/ },
    { block: ng.simple([1, 2], 30), reason: /30 of them captured/ },
    { block: ng.block(1, [1, 0, 0, 0]), reason: /description that is too short/ },
    { block: ng.interface(1, ng.option(9, [6, 6])), reason: /options of an interface/ },
    { block: ng.interface(1, ng.option(14, [6])), reason: /options of an interface/ },
    { block: ng.interface(1, ng.option(14, ng.u64(1n << 60n))), reason: /options of an interface/ },
    { block: ng.interface(1, [...ng.u16(2), ...ng.u16(40), 1, 2, 3, 4]), reason: /options of an interface/ },
    { block: ng.section(2), reason: /pcapng version 2/ },
    { block: ng.block(0x0a0d0d0a, ng.u32(0x1a2b3c4d)), reason: /section header that is too short/ },
    { block: ng.block(0x0a0d0d0a, ng.u32(0)), reason: /without byte-order magic/ },
  ]
  assert.equal(readAll(file(start, packet, packet)).packets.length, 2)
  for (const { block, reason } of cases) {
    const { packets, problem } = readAll(file(start, packet, block))

    assert.equal(packets.length, 1, String(reason))
    assert.equal(problem?.kind, 'broken')
    assert.equal(problem.at, start.length + packet.length)
    assert.match(problem.reason, reason)
  }
})

test('the number of interfaces is bounded', () => {
  const { problem } = readAll(file(ng.section(), ...Array<number[]>(4097).fill(ng.interface(1))))

  assert.match(problem?.reason ?? '', /more than 4096 interfaces/)
})

const blockArbitrary = fc.oneof(
  fc.constant(ng.interface(1)),
  fc.uint8Array({ maxLength: 30 }).map(bytes => ng.enhanced(0, TIME, [...bytes])),
  fc.uint8Array({ maxLength: 30 }).map(bytes => ng.old(0, TIME, [...bytes])),
  fc.uint8Array({ maxLength: 30 }).map(bytes => ng.simple([...bytes])),
  fc.uint8Array({ maxLength: 30 }).map(bytes => ng.block(77, [...bytes])),
)
const fileArbitrary = fc
  .array(blockArbitrary, { maxLength: 10 })
  .map(blocks => file(ng.section(), ng.interface(1), ...blocks))

test('however the file arrives, its packets are the same', () => {
  fc.assert(
    fc.property(fileArbitrary, fc.integer({ min: 1, max: 64 }), (bytes, piece) => {
      const whole = readAll(bytes)

      assert.equal(whole.problem, undefined)
      assert.equal(whole.left, 0)
      assert.deepEqual(readAll(bytes, piece), whole)
    }),
  )
})

test('no change of bytes and no cut makes the reader throw', () => {
  const changes = fc.array(fc.tuple(fc.nat(), fc.nat(255)), { maxLength: 6 })
  fc.assert(
    fc.property(
      fileArbitrary,
      changes,
      fc.nat(),
      fc.integer({ min: 1, max: 99 }),
      (bytes, changed, cut, piece) => {
        for (const [at, byte] of changed) bytes[at % bytes.length] = byte

        const { packets } = readAll(bytes.subarray(0, cut % (bytes.length + 1)), piece)

        assert.ok(packets.every(packet => packet.nanoseconds < 1e9 && packet.wire >= packet.bytes.length))
      },
    ),
    { numRuns: 500 },
  )
})
