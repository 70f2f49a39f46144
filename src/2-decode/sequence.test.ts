// What sequence numbers say of loss, whatever an exporter numbers.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Sequence } from './sequence.ts'

function followed(countsRecords: boolean, steps: readonly (readonly [sequence: number, records: number])[]) {
  const sequence = new Sequence(countsRecords)
  const lost = steps.map(([number, records]) => sequence.follow(number, records))
  return { sequence, lost }
}

test('gaps are lost, and found again when they come late', () => {
  const { sequence, lost } = followed(true, [
    [0, 10],
    [30, 10],
    [10, 10],
    [40, 10],
  ])

  assert.deepEqual(lost, [0, 20, -10, 0])
  assert.deepEqual([sequence.lost, sequence.late], [10, 1])
})

test('the same datagram twice is neither lost nor found', () => {
  const { sequence } = followed(false, [
    [1, 5],
    [4, 5],
    [4, 5],
    [5, 5],
  ])

  assert.deepEqual([sequence.lost, sequence.late, sequence.repeated], [2, 0, 1])
})

test('numbers go on from 2^32 to 0', () => {
  assert.equal(
    followed(true, [
      [0xffff_fffa, 10],
      [4, 10],
      [15, 1],
    ]).sequence.lost,
    1,
  )
})

test('a jump far away is a restart', () => {
  const { sequence } = followed(true, [
    [3_000_000_000, 10],
    [7, 10],
    [17, 10],
    [500_000_000, 1],
  ])

  assert.deepEqual([sequence.lost, sequence.restarts], [0, 2])
})

test('after records that cannot be counted nothing is said to be lost', () => {
  const { sequence } = followed(true, [
    [0, -1],
    [500, 10],
    [520, 10],
  ])

  assert.equal(sequence.lost, 10)
})

test('an exporter that numbers the other thing is seen through', () => {
  const records = followed(
    false,
    Array.from({ length: 100 }, (_, i) => [i * 25, 25] as const),
  ).sequence
  const datagrams = followed(
    true,
    Array.from({ length: 100 }, (_, i) => [5000 + i, 25] as const),
  ).sequence

  assert.deepEqual([records.countsRecords, records.lost], [true, 0])
  assert.deepEqual([datagrams.countsRecords, datagrams.lost, datagrams.late], [false, 0, 0])
  datagrams.follow(5103, 25)
  assert.equal(datagrams.lost, 3)
})

/** Datagrams of these numbers of records, numbered behind their last one. */
function numberedBehind(counts: readonly number[], from = 0xffff_ff00): (readonly [number, number])[] {
  let sequence = from
  return counts.map(records => {
    sequence = (sequence + records) >>> 0
    return [sequence, records] as const
  })
}

test('an exporter that numbers its own records in advance loses nothing, and what it loses then is seen', () => {
  const counts = [18, 30, 32, 30, 30, 16, 4, 32, 1, 28]
  const steps = numberedBehind(counts)
  const { sequence } = followed(true, steps)

  assert.deepEqual([sequence.countsRecords, sequence.lost, sequence.late, sequence.restarts], [true, 0, 0, 0])
  const last = steps.at(-1)![0]
  assert.equal(sequence.follow((last + 20 + 7) >>> 0, 7), 20)
  // Its records of options have no numbers.
  assert.equal(sequence.follow((last + 27 + 9) >>> 0, 10), 0)
  assert.equal(sequence.follow((last + 36 + 5) >>> 0, 5), 0)
  assert.equal(sequence.lost, 20)
})

test('an exporter that numbers its last record loses nothing from its first datagram of several records on', () => {
  // Open vSwitch: one record in most datagrams, and all there are when many flows end at once.
  const counts = [1, 1, 1, 3, 1, 1, 16]
  let last = -1
  const steps = counts.map(records => {
    last += records
    return [last, records] as const
  })
  for (let told = 1; told <= steps.length; told++) {
    const { sequence } = followed(true, steps.slice(0, told))
    assert.deepEqual([sequence.lost, sequence.late, sequence.restarts], [0, 0, 0], `after ${told}`)
  }

  const { sequence } = followed(true, steps)
  assert.equal(sequence.follow(last + 9 + 5, 5), 9)
  assert.equal(sequence.follow(last + 9 + 5 + 1, 1), 0)
  assert.equal(sequence.lost, 9)
})

test('a loss that may as well be the other way of numbering is counted with the next datagram', () => {
  // As many records are missing as the datagram behind them has more than the one before.
  const { sequence } = followed(true, [
    [0, 4],
    [4, 1],
    [8, 4],
  ])
  assert.equal(sequence.lost, 0)
  sequence.follow(12, 1)

  assert.equal(sequence.lost, 3)
})

test('an exporter that begins to number as it should is believed again', () => {
  const { sequence } = followed(true, numberedBehind([3, 5, 9, 2, 7, 4], 100))
  let at = 130
  for (const records of [4, 6, 3, 8, 5, 9, 2]) {
    sequence.follow(at, records)
    at += records
  }

  assert.deepEqual([sequence.lost, sequence.late], [0, 0])
  assert.equal(sequence.follow(at + 11, 3), 11)
})

test('numbers as they should be, of datagrams of any length and with losses, stay as they are', () => {
  let at = 50
  let lost = 0
  const sequence = new Sequence(true)
  for (let i = 0; i < 500; i++) {
    const records = 1 + ((i * 7919) % 30)
    if (i % 5 === 3) {
      at += 13
      lost += 13
    }
    sequence.follow(at, records)
    at += records
  }

  assert.equal(sequence.lost, lost)
})
