import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { FANOUT_GROUP_MAX, fanoutGroupOf, fanoutWord } from './fanout.ts'

test('the option holds the group below and the mode above', () => {
  assert.equal(fanoutWord(0xbeef, 'hash', false), 0x0000beef)
  assert.equal(fanoutWord(0xbeef, 'lb', false), 0x0001beef)
  assert.equal(fanoutWord(0xbeef, 'cpu', false), 0x0002beef)
  assert.equal(fanoutWord(0xbeef, 'rollover', false), 0x0003beef)
  assert.equal(fanoutWord(0xbeef, 'random', false), 0x0004beef)
  assert.equal(fanoutWord(0xbeef, 'queue_mapping', false), 0x0005beef)
})

test('on ingress the one flag is set that leaves out what is sent', () => {
  assert.equal(fanoutWord(0xbeef, 'hash', true), 0x4000beef)
  assert.equal(fanoutWord(0xbeef, 'queue_mapping', true), 0x4005beef)
})

test('a group that is not 16 bits is a bug', () => {
  assert.throws(() => fanoutWord(FANOUT_GROUP_MAX + 1, 'cpu', false), /16 bits/)
})

test('groups fit their 16 bits and differ for the interfaces of one process', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 4_194_304 }),
      fc.integer({ min: 1, max: 1_000_000 }),
      (processId, index) => {
        const groups = [0, 1, 2, 3].map(more => fanoutGroupOf(processId, index + more))

        assert.equal(new Set(groups).size, groups.length)
        for (const group of groups) assert.ok(group >= 0 && group <= FANOUT_GROUP_MAX)
      },
    ),
  )
})
