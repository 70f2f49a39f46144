// Addresses as text and back, against Node's own parsers.

import assert from 'node:assert/strict'
import { isIP } from 'node:net'
import { test } from 'node:test'
import fc from 'fast-check'
import { type Address, bitsOf, formatAddress, formatPadded, parseAddress } from './address.ts'

const v4 = fc.bigInt({ min: 0n, max: (1n << 32n) - 1n }).map((value): Address => ({ family: 4, value }))
/** With many zeros, so that runs of them occur. */
const group = fc.oneof(fc.constant(0n), fc.bigInt({ min: 0n, max: 0xffffn }))
const v6 = fc
  .array(group, { minLength: 8, maxLength: 8 })
  .map((groups): Address => ({ family: 6, value: groups.reduce((value, part) => (value << 16n) | part, 0n) }))
const addresses = fc.oneof(v4, v6)

test('any address reads back from each of its texts', () => {
  fc.assert(
    fc.property(addresses, address => {
      assert.deepEqual(parseAddress(formatAddress(address)), address)
      assert.deepEqual(parseAddress(formatPadded(address)), address)
      assert.deepEqual(parseAddress(formatAddress(address).toUpperCase()), address)
    }),
  )
})

test('IPv6 text is that of the URL standard, which follows RFC 5952 but for mapped addresses', () => {
  fc.assert(
    fc.property(
      v6.filter(({ value }) => value >> 32n !== 0xffffn),
      address => {
        assert.equal(`[${formatAddress(address)}]`, new URL(`http://[${formatAddress(address)}]`).hostname)
      },
    ),
  )
})

test('texts are accepted exactly where Node accepts them, zones apart', () => {
  const piece = fc.constantFrom(
    '0',
    '1',
    '00',
    '10',
    '255',
    '256',
    'f',
    'ffff',
    '12345',
    'g',
    '',
    ' ',
    '-1',
    '1.2.3.4',
    '%1',
  )
  const texts = fc.oneof(
    fc.array(piece, { maxLength: 9 }).map(parts => parts.join(':')),
    fc.array(piece, { maxLength: 5 }).map(parts => parts.join('.')),
    fc
      .tuple(fc.array(piece, { maxLength: 5 }), fc.array(piece, { maxLength: 5 }))
      .map(halves => halves.map(half => half.join(':')).join('::')),
    fc.string(),
  )
  fc.assert(
    fc.property(texts, text => {
      const family = parseAddress(text)?.family ?? 0

      assert.equal(family, text.includes('%') ? 0 : isIP(text))
    }),
    { numRuns: 3000 },
  )
})

test('the texts of RFC 5952 come out as it wants them', () => {
  const cases = [
    ['2001:0db8:0:0:0:0:2:1', '2001:db8::2:1'],
    ['2001:db8:0:1:1:1:1:1', '2001:db8:0:1:1:1:1:1'],
    ['2001:0:0:1:0:0:0:1', '2001:0:0:1::1'],
    ['2001:db8:0:0:1:0:0:1', '2001:db8::1:0:0:1'],
    ['2001:DB8::AbCd', '2001:db8::abcd'],
    ['0:0:0:0:0:0:0:0', '::'],
    ['::1', '::1'],
    ['1::', '1::'],
    ['::ffff:c000:201', '::ffff:192.0.2.1'],
    ['::fffe:c000:201', '::fffe:c000:201'],
    ['1:2:3:4:5:6:7::', '1:2:3:4:5:6:7:0'],
    ['192.0.2.255', '192.0.2.255'],
  ]
  for (const [text = '', canonical] of cases) {
    const address = parseAddress(text)

    assert.ok(address !== undefined, text)
    assert.equal(formatAddress(address), canonical)
  }
})

test('what is nearly an address is none', () => {
  const texts = [
    ...[
      '',
      '.',
      ':',
      ':::',
      '1',
      '1.2.3',
      '1.2.3.4.5',
      '01.2.3.4',
      '1.2.3.256',
      '1.2.3.4 ',
      '1.2.3.+4',
      '0x1.2.3.4',
    ],
    ...[
      '1::2::3',
      '1:2:3:4:5:6:7',
      '1:2:3:4:5:6:7:8:9',
      '1:2:3:4::5:6:7:8',
      '12345::',
      ':1::',
      '1:',
      '[::1]',
    ],
    ...['fe80::1%eth0', '::1.2.3', '1.2.3.4::', '::1.2.3.4:5', '::01.2.3.4', '1:2:3:4:5:6:7:1.2.3.4'],
  ]
  for (const text of texts) assert.equal(parseAddress(text), undefined, text)
})

test('the padded text has four digits in each group', () => {
  const cases = [
    ['2001:db8:99::1', '2001:0db8:0099::0001'],
    ['2001:db8:0:1:1:1:1:1', '2001:0db8:0000:0001:0001:0001:0001:0001'],
    ['::', '::'],
    ['::ffff:192.0.2.1', '::ffff:c000:0201'],
    ['10.99.1.1', '10.99.1.1'],
  ]
  for (const [text = '', padded] of cases) {
    const address = parseAddress(text)

    assert.ok(address !== undefined)
    assert.equal(formatPadded(address), padded)
  }
})

test('families have their bits', () => {
  assert.equal(bitsOf(4), 32)
  assert.equal(bitsOf(6), 128)
})
