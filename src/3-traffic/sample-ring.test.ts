import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  ENTRY,
  ENTRY_HEAD,
  entryWords,
  RING_HEAD,
  ringEntries,
  SampleRingReader,
  sampleRingMemory,
} from './sample-ring.ts'

const SNAP = 1500
const ENTRIES = ringEntries(SNAP)

/** Writes entries as a worker does: the number of each is its weight and, as one byte, its frame. */
function writer(ring: Int32Array) {
  return (count: number): void => {
    for (let i = 0; i < count; i++) {
      const head = ring[0]!
      const at = RING_HEAD + (head & (ENTRIES - 1)) * entryWords(SNAP)
      ring[at + ENTRY.weight] = head
      ring[at + ENTRY.captured] = 1
      ring[at + ENTRY.skip] = 2
      ring[at + ENTRY_HEAD] = (head & 255) << 16
      ring[0] = (head + 1) | 0
    }
  }
}

function setUp() {
  const ring = sampleRingMemory(SNAP)
  const reader = new SampleRingReader(ring, SNAP)
  const read = (which: 'eachFresh' | 'eachHeld') => {
    const weights: number[] = []
    reader[which](() => {
      weights.push(reader.entry.weight)
      assert.deepEqual([...reader.frame()], [reader.entry.weight & 255])
    })
    return weights
  }
  return { ring, reader, write: writer(ring), read }
}

const range = (first: number, count: number) => Array.from({ length: count }, (_, at) => first + at)

test('a ring takes about 4 MiB, whatever its entries hold', () => {
  for (const snapBytes of [64, 128, 500, 1500]) {
    const bytes = sampleRingMemory(snapBytes).byteLength

    assert.ok(bytes <= (4 << 20) + 32, `${snapBytes}: ${bytes}`)
    assert.ok(bytes > 1 << 20, `${snapBytes}: ${bytes}`)
    assert.equal(Math.log2(ringEntries(snapBytes)) % 1, 0)
  }
})

test('fresh entries are handed over once, oldest first', () => {
  const { write, read, reader } = setUp()

  write(3)
  assert.deepEqual(read('eachFresh'), [0, 1, 2])
  write(2)
  assert.deepEqual(read('eachFresh'), [3, 4])
  assert.deepEqual(read('eachFresh'), [])
  assert.equal(reader.lost, 0)
})

test('held entries are handed over again and again, and fresh ones stay fresh', () => {
  const { write, read } = setUp()
  write(3)

  assert.deepEqual(read('eachHeld'), [0, 1, 2])
  assert.deepEqual(read('eachHeld'), [0, 1, 2])
  assert.deepEqual(read('eachFresh'), [0, 1, 2])
})

test('what was overwritten before it was read is counted as lost', () => {
  const { write, read, reader } = setUp()

  write(ENTRIES + 10)

  // The oldest one may be being written to, so a full ring has one readable entry less.
  assert.deepEqual(read('eachFresh'), range(11, ENTRIES - 1))
  assert.equal(reader.lost, 11)
  assert.deepEqual(read('eachHeld'), range(11, ENTRIES - 1))
  assert.equal(reader.lost, 11)
})

test('an entry that is overwritten while it is looked at is not valid any more', () => {
  const { write, reader } = setUp()
  write(4)

  const valid: boolean[] = []
  reader.eachFresh(() => {
    if (reader.entry.weight === 1) write(ENTRIES - 4)
    valid.push(reader.isValid())
  })

  // Entry 0 was fine; with 1 in hand the writer came to the place of 0; those behind lie ahead of it still.
  assert.deepEqual(valid, [true, true, true, true])
  write(2)
  reader.eachFresh(() => {})
  const later: boolean[] = []
  reader.eachHeld(() => {
    if (later.length === 0) write(1)
    later.push(reader.isValid())
  })
  assert.equal(later[0], false)
})

test('a length that cannot be is not believed', () => {
  const { ring, reader, write } = setUp()
  write(2)
  ring[RING_HEAD + ENTRY.captured] = 1 << 30
  ring[RING_HEAD + entryWords(SNAP) + ENTRY.captured] = -5

  const lengths: number[] = []
  reader.eachHeld(() => lengths.push(reader.frame().length))

  assert.deepEqual(lengths, [SNAP, 0])
})

test('the count of entries may pass 2^31 and 2^32', () => {
  const { ring, reader, write, read } = setUp()
  for (const start of [0x7fff_fffe, -2]) {
    ring[0] = start
    reader.eachFresh(() => {})

    write(4)

    assert.deepEqual(
      read('eachFresh'),
      range(0, 4).map(at => (start + at) | 0),
    )
  }
  assert.equal(read('eachHeld').length, 2)
})
