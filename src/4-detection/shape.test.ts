import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { decodeFrame } from '#2-decode/frame/decode-frame.ts'
import { LINK, OUTCOME, Sample } from '#2-decode/sample.ts'
import { buildFrame } from '../../lab/frame.ts'
import { nameAttack } from './name-attack.ts'
import { TrafficShape } from './shape.ts'
import { shapeOfFrames } from './shape-for-tests.ts'
import { ShapeTally, tallyWords } from './shape-tally.ts'

const udp = (source: string, target: string, payload = 20) =>
  buildFrame([
    { kind: 'ethernet' },
    { kind: 'ipv4', source, target },
    { kind: 'udp', sourcePort: 5000, targetPort: 6000 },
    { kind: 'payload', bytes: new Uint8Array(payload).fill(7) },
  ])

test('a shape takes less than 8 KiB, whatever it is shown', () => {
  assert.ok(new TrafficShape(true).memoryBytes < 8192)
})

test('lengths are those of IP, without the padding of short frames', () => {
  const shape = shapeOfFrames([udp('198.18.0.1', '10.10.0.1', 1)])

  assert.deepEqual(shape.lengths.top, { value: 29, weight: 1 })
  assert.equal(shape.bytes, 29)
})

test('peers with whom packets go both ways are answered, others are not', () => {
  const both = Array.from({ length: 100 }, (_, at) => [
    udp(`198.18.0.${at}`, '10.10.0.1'),
    udp('10.10.0.1', `198.18.0.${at}`),
  ]).flat()
  const alone = Array.from({ length: 100 }, (_, at) => udp(`198.18.0.${at}`, '10.10.0.1'))

  assert.equal(shapeOfFrames(both).answered(['udp']), 1)
  assert.equal(shapeOfFrames(alone).answered(['udp']), 0)
  assert.equal(shapeOfFrames(alone).answered(['tcp']), 0)
})

test('one reply does not answer a thousand packets', () => {
  const frames = Array.from({ length: 1000 }, () => udp('198.18.0.1', '10.10.0.1'))

  const answered = shapeOfFrames([...frames, udp('10.10.0.1', '198.18.0.1')]).answered(['udp'])

  assert.ok(answered > 0.05 && answered < 0.1, String(answered))
})

test('peers are counted within a tenth', () => {
  for (const count of [10, 200, 1500]) {
    const frames = Array.from({ length: count }, (_, at) => udp(`198.18.${at >> 8}.${at & 255}`, '10.10.0.1'))

    const { estimate } = shapeOfFrames(frames).peers

    assert.ok(Math.abs(estimate / count - 1) < 0.1, `${estimate} of ${count}`)
  }
})

test('a cleared shape is as good as a new one', () => {
  const frames = Array.from({ length: 50 }, (_, at) => udp(`198.18.0.${at}`, '10.10.0.1'))
  const shape = shapeOfFrames(frames)

  shape.clear()

  assert.equal(shape.samples, 0)
  assert.equal(shape.lengths.size, 0)
  assert.equal(shape.peers.estimate, 0)
  assert.equal(shape.answered(), 0)
  assert.equal(shape.total([12]).packets, 0)
})

test('a tally keeps the heaviest values, never too light, and too heavy by the total over its cells at most', () => {
  const values = fc.array(fc.tuple(fc.integer({ min: 0, max: 60 }), fc.integer({ min: 1, max: 50 })), {
    minLength: 1,
    maxLength: 300,
  })
  fc.assert(
    fc.property(values, list => {
      const tally = new ShapeTally(new ArrayBuffer(tallyWords(8) * 4), 0, 8)
      const exact = new Map<number, number>()
      for (const [value, weight] of list) {
        tally.add(value, weight)
        exact.set(value, (exact.get(value) ?? 0) + weight)
      }
      const total = list.reduce((sum, [, weight]) => sum + weight, 0)
      for (const { value, weight } of tally.entries()) {
        const truth = exact.get(value) ?? 0
        assert.ok(weight >= truth && weight <= truth + total / 8)
      }
      for (const [value, truth] of exact) {
        if (truth > total / 8) assert.ok(tally.entries().some(entry => entry.value === value))
      }
    }),
  )
})

test('bytes of any kind are counted, never thrown at', () => {
  const hostile = fc.record({
    bytes: fc.uint8Array({ maxLength: 200 }),
    transport: fc.constantFrom(1, 6, 17, 47, 58, 0, 255),
    port: fc.constantFrom(53, 123, 161, 443, 11211, 7001, 500, 80, 514),
    target: fc.constantFrom(53, 514, 80),
  })
  fc.assert(
    fc.property(fc.array(hostile, { minLength: 10, maxLength: 30 }), list => {
      const shape = new TrafficShape(true)
      const sample = new Sample()
      for (const { bytes, transport, port, target } of list) {
        const frame = Uint8Array.from([...new Uint8Array(34), ...bytes])
        const view = new DataView(frame.buffer)
        view.setUint16(12, 0x0800)
        view.setUint8(14, 0x45)
        view.setUint16(16, 20 + bytes.length)
        view.setUint8(23, transport)
        if (bytes.length >= 4) {
          view.setUint16(34, port)
          view.setUint16(36, target)
        }
        if (decodeFrame(view, 0, frame.length, LINK.ethernet, false, sample) === OUTCOME.decoded)
          shape.add(sample, view, frame.length, 1)
      }
      const finding = nameAttack(shape)

      assert.ok(finding === undefined || (finding.confidence >= 0 && finding.confidence <= 1))
      for (const { share } of finding?.parts ?? []) assert.ok(share >= 0 && share <= 1)
    }),
  )
})
