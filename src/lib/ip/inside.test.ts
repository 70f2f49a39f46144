import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { parseAddress } from './address.ts'
import { isInside } from './inside.ts'

const inside = (text: string) => {
  const address = parseAddress(text)
  assert.ok(address, text)
  return isInside(address)
}

test('addresses of the Internet are not inside', () => {
  for (const text of ['1.1.1.1', '8.8.8.8', '100.63.255.255', '100.128.0.0', '172.32.0.1', '223.255.255.255'])
    assert.equal(inside(text), false, text)
  for (const text of [
    '2606:4700::1111',
    '2a00::1',
    '2001:4860:4860::8888',
    '64:ff9b::808:808',
    '2002:808:808::1',
  ])
    assert.equal(inside(text), false, text)
})

test('private, loopback, link-local, shared, documentation, multicast and reserved addresses are inside', () => {
  const v4 = ['0.0.0.0', '10.1.2.3', '100.64.0.1', '127.0.0.1', '127.255.255.254', '169.254.169.254']
  const more = ['172.31.255.255', '192.0.0.8', '192.0.2.1', '192.168.0.1', '198.19.255.255', '198.51.100.7']
  const rest = ['203.0.113.9', '224.0.0.1', '239.255.255.255', '240.0.0.1', '255.255.255.255']
  const v6 = ['::', '::1', '::7f00:1', 'fc00::1', 'fd00::1', 'fe80::1', 'fec0::1', 'ff02::1', '2001:db8::1']
  const v6more = ['2001::1', '2001:20::1', '3fff::1', '100::1', '64:ff9b:1::1', '5f00::1', '4000::1']

  for (const text of [...v4, ...more, ...rest, ...v6, ...v6more]) assert.equal(inside(text), true, text)
})

test('an IPv4 address is judged alike in each form that carries it', () => {
  fc.assert(
    fc.property(fc.ipV4(), text => {
      const [a = 0, b = 0, c = 0, d = 0] = text.split('.').map(Number)
      const [high, low] = [a * 256 + b, c * 256 + d].map(word => word.toString(16))
      const expected = inside(text)

      for (const form of [
        `::ffff:${text}`,
        `64:ff9b::${text}`,
        `2002:${high}:${low}::`,
        `2002:${high}:${low}:1::9`,
      ])
        assert.equal(inside(form), expected, form)
    }),
  )
})
