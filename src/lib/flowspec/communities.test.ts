import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { parseAddress } from '#lib/ip/address.ts'
import { anyAction } from './arbitrary-for-tests.ts'
import { decodeExtended, decodeIpv6Extended, encodeActions } from './communities.ts'
import { floatBelow } from './float32.ts'
import type { Action } from './rule.ts'

const address = parseAddress('192.0.2.7')!
const wide = parseAddress('2001:db8::7')!

const BYTES: readonly [hex: string, action: Action][] = [
  ['8006000000000000', { kind: 'discard' }],
  ['8006fde849742400', { kind: 'rate-bytes', bytesPerSecond: 1_000_000, asn: 65_000 }],
  ['8006000049189680', { kind: 'rate-bytes', bytesPerSecond: 625_000, asn: 0 }],
  ['800c000044fa0000', { kind: 'rate-packets', packetsPerSecond: 2000, asn: 0 }],
  ['8007000000000003', { kind: 'traffic-action', isSampled: true, isTerminal: true }],
  ['8008fde800000064', { kind: 'redirect', target: { kind: 'as2', asn: 65_000, number: 100 } }],
  ['8108c00002070064', { kind: 'redirect', target: { kind: 'address', address, number: 100 } }],
  ['8208000100000064', { kind: 'redirect', target: { kind: 'as4', asn: 65_536, number: 100 } }],
  ['8009000000000008', { kind: 'mark', dscp: 8 }],
  ['010cc00002070001', { kind: 'redirect-ip', address, isCopy: true }],
  ['000c20010db80000000000000000000000070000', { kind: 'redirect-ip', address: wide, isCopy: false }],
  [
    '000d20010db80000000000000000000000070064',
    { kind: 'redirect', target: { kind: 'address', address: wide, number: 100 } },
  ],
]

for (const [hex, action] of BYTES) {
  test(`${action.kind} is written and read as ${hex}`, () => {
    const { extended, ipv6 } = encodeActions([action])
    const [bytes] = [...extended, ...ipv6]

    assert.equal(Buffer.from(bytes!).toString('hex'), hex)
    assert.deepEqual(hex.length === 16 ? decodeExtended(bytes!) : decodeIpv6Extended(bytes!), {
      kind: 'action',
      action,
    })
  })
}

test('each action comes back', () => {
  fc.assert(
    fc.property(anyAction, action => {
      const { extended, ipv6 } = encodeActions([action])

      const read = [...extended.map(decodeExtended), ...ipv6.map(decodeIpv6Extended)]

      assert.deepEqual(read, [{ kind: 'action', action }])
    }),
  )
})

test('random octets are an action that can be written, or none', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 20 }), bytes => {
      for (const read of [decodeExtended(bytes), decodeIpv6Extended(bytes)])
        if (read.kind === 'action') encodeActions([read.action])
    }),
  )
})

test('a rate is rounded down to a float, never up', () => {
  assert.equal(floatBelow(16_777_217), 16_777_216)
  assert.equal(floatBelow(16_777_219), 16_777_218)
  assert.equal(floatBelow(1e39), 3.4028234663852886e38)
  fc.assert(
    fc.property(fc.double({ min: 0, max: 1e12, noNaN: true }), rate => {
      const float = floatBelow(rate)
      assert.ok(float <= rate && Math.fround(float) === float && rate - float <= rate * 2 ** -23 + 2e-45)
    }),
  )
})

test('a rate that is no number is refused, a negative one is a discard', () => {
  assert.equal(decodeExtended(Buffer.from('800600007fc00000', 'hex')).kind, 'malformed')
  assert.deepEqual(decodeExtended(Buffer.from('80060000bf800000', 'hex')), {
    kind: 'action',
    action: { kind: 'discard' },
  })
  assert.deepEqual(decodeExtended(Buffer.from('0002fde800000064', 'hex')), { kind: 'unknown' })
})
