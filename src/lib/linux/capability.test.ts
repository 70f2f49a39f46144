import assert from 'node:assert/strict'
import { test } from 'node:test'
import { encodeSets, hasCapability, ownCapabilities, parseCapabilities } from './capability.ts'

test('sets are read from the status of a process', () => {
  const status =
    'Name:\tnode\nCapInh:\t0000000000000000\nCapPrm:\t000001fffeffffff\nCapEff:\t0000000000002000\n'

  assert.deepEqual(parseCapabilities(status), { permitted: 0x1fffeffffffn, effective: 0x2000n })
})

test('a status without sets has none', () => {
  assert.deepEqual(parseCapabilities('Name:\tnode\n'), { permitted: 0n, effective: 0n })
})

test('a mask becomes words for capset, low halves first, and what is inheritable', () => {
  const netRawAndBpf = (1n << 13n) | (1n << 39n)

  assert.deepEqual([...encodeSets(netRawAndBpf)], [0x2000, 0x2000, 0, 0x80, 0x80, 0])
  assert.deepEqual([...encodeSets(netRawAndBpf, 1n << 12n)], [0x2000, 0x2000, 0x1000, 0x80, 0x80, 0])
})

test('what this thread has agrees with the bits of its set', () => {
  const { effective, permitted } = ownCapabilities()

  assert.equal(hasCapability('netRaw'), ((effective >> 13n) & 1n) === 1n)
  assert.equal(effective & ~permitted, 0n)
})
