// The tables of elements and slots fit each other.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { BASIC_ELEMENTS } from './basic-elements.ts'
import { elementByName, elementByNumber, fitsType, REVERSE_ENTERPRISE, typeBytes } from './element.ts'
import { LATER_ELEMENTS } from './later-elements.ts'
import { SLOT, SLOT_COUNT, slotOf } from './slots.ts'

test('numbers rise, and each number and name stands once', () => {
  const rows = [...BASIC_ELEMENTS, ...LATER_ELEMENTS].map(row => row.split(' '))
  const numbers = rows.map(([number]) => Number(number))

  assert.deepEqual(
    numbers,
    [...new Set(numbers)].sort((a, b) => a - b),
  )
  assert.equal(new Set(rows.map(([, name]) => name)).size, rows.length)
})

test('an element is found by number and by name', () => {
  assert.deepEqual(elementByNumber(8), { number: 8, name: 'sourceIPv4Address', type: 'ipv4Address' })
  assert.equal(elementByName('dataLinkFrameSection')?.number, 315)
  assert.equal(elementByNumber(60_000), undefined)
})

test('slots are numbered without gaps', () => {
  assert.deepEqual(
    Object.values(SLOT),
    Array.from({ length: SLOT_COUNT }, (_, slot) => slot),
  )
})

test('the same number means other things in other enterprises', () => {
  assert.equal(slotOf(1, 0)?.slot, SLOT.bytes)
  assert.equal(slotOf(1, REVERSE_ENTERPRISE)?.slot, SLOT.reverseBytes)
  assert.equal(slotOf(1, 9), undefined)
})

test('numbers fit in one to eight bytes, addresses only in their own', () => {
  assert.deepEqual(
    [0, 1, 4, 8, 9].map(bytes => fitsType('unsigned32', bytes)),
    [false, true, true, true, false],
  )
  assert.deepEqual(
    [fitsType('ipv4Address', 4), fitsType('ipv4Address', 16), fitsType('octetArray', 900)],
    [true, false, true],
  )
  assert.deepEqual(
    [typeBytes('ipv6Address'), typeBytes('macAddress'), typeBytes('string')],
    [16, 6, undefined],
  )
})
