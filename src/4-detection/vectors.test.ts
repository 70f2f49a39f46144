import assert from 'node:assert/strict'
import { test } from 'node:test'
import { NO_SPEEDS } from '#3-traffic/metric.ts'
import { caseOf, framesOf } from '../../lab/vectors/vectors.ts'
import { classify } from './classify.ts'
import { shapeOfFrames } from './shape-for-tests.ts'
import { VECTORS } from './vectors.ts'
import { AMPLIFIERS } from './vectors-amplifiers.ts'
import { KIND } from './vectors-kinds.ts'

test('names are lower case with hyphens, and none is there twice', () => {
  const names = VECTORS.map(({ name }) => name)

  assert.equal(new Set(names).size, names.length)
  for (const name of names) assert.match(name, /^[a-z0-9]+(-[a-z0-9]+)*$/)
})

test('at least 45 services are known to amplify, each by port and shape', () => {
  assert.ok(AMPLIFIERS.length >= 45, String(AMPLIFIERS.length))
  for (const { name, port, meanBytes } of AMPLIFIERS) {
    assert.ok(port > 0 && port < 65_536 && meanBytes >= 28, name)
  }
})

test('a row with less share than asked for does not hold, and lengths of matches are possible ones', () => {
  for (const { name, minimumShare, match } of VECTORS) {
    assert.ok(minimumShare >= 0.25 && minimumShare <= 1, name)
    if (match.lengths === undefined) continue
    assert.ok(match.lengths.from >= 20 && match.lengths.to <= 65_535, name)
    assert.ok(match.lengths.from <= match.lengths.to, name)
  }
})

/** Speeds as the counters would have them, from a shape of that vector alone. */
function speedsOf(vector: string) {
  const found = caseOf(vector)
  assert.ok(found, vector)
  const shape = shapeOfFrames(framesOf(found.attack, { packets: 400 }), 'incoming', 100)
  const weight = (protocols: readonly number[]) =>
    shape.protocols
      .entries()
      .reduce((sum, { value, weight }) => sum + (protocols.includes(value) ? weight : 0), 0)
  return {
    ...NO_SPEEDS,
    packets: shape.packets,
    bytes: shape.bytes,
    tcpPackets: weight([6]),
    udpPackets: weight([17]),
    icmpPackets: weight([1, 58]),
    synPackets: shape.total([KIND.syn, KIND.synEcn, KIND.synAck]).packets,
    fragmentPackets: shape.total([KIND.firstFragment, KIND.laterFragment]).packets,
  }
}

test("FastNetMon's words of a row are those it comes to by its own rules", () => {
  for (const { name, fastnetmon } of VECTORS) {
    // Flags that exclude each other may hold SYN or not, which decides its word.
    if (name === 'impossible-flags-flood') continue
    const { type, protocol } = classify({ incoming: speedsOf(name), outgoing: NO_SPEEDS }, 'plain')

    assert.deepEqual({ type, protocol }, fastnetmon, name)
  }
})
