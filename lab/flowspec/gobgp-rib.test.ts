import assert from 'node:assert/strict'
import { test } from 'node:test'
import { canonical } from '#lib/flowspec/canonical.ts'
import { printRule } from '#lib/flowspec/print.ts'
import { rulesListed } from './gobgp-rib.ts'

const path = (nlri: unknown, communities: unknown) => ({
  nlri: { value: nlri },
  best: true,
  attrs: [{ type: 1, value: 2 }, { type: 5 }, { type: 16, value: communities }],
})
const discard = [{ type: 128, subtype: 6, as: 0, rate: 0 }]
const target = { type: 1, value: { prefix: '192.0.2.1/32' } }

const listed = (paths: Record<string, unknown>, family: 4 | 6 = 4) =>
  rulesListed(JSON.stringify(paths), family)
const texts = (paths: Record<string, unknown>, family: 4 | 6 = 4) =>
  listed(paths, family).rules.map(rule => printRule(canonical(rule)))

test('rules are read with their components and actions, whatever the lengths of the operators say', () => {
  const components = [
    target,
    {
      type: 3,
      value: [
        { op: 1, value: 17 },
        { op: 129, value: 6 },
      ],
    },
    {
      type: 5,
      value: [
        { op: 3, value: 100 },
        { op: 0xd5, value: 200 },
      ],
    },
    { type: 9, value: [{ op: 0x81, value: 2 }] },
  ]
  const communities = [
    { type: 128, subtype: 6, as: 65_001, rate: 1_000_000 },
    { type: 128, subtype: 7, terminal: false, sample: true },
    { type: 128, subtype: 9, value: 10 },
  ]

  assert.deepEqual(texts({ rule: [path(components, communities)] }), [
    'destination 192.0.2.1/32 protocol =tcp,=udp destination-port >=100&<=200 tcp-flags =syn ' +
      'then rate 1000000 bytes/s as 65001, mark 10, action sample',
  ])
})

test('a rate in packets is read from the octets that gobgp does not know', () => {
  const communities = [{ type: 128, subtype: 12, value: 'DAAAQxYAAA==' }]

  assert.deepEqual(texts({ rule: [path([target], communities)] }), [
    'destination 192.0.2.1/32 then rate 150 packets/s',
  ])
})

test('an offset and a flow label of IPv6 are read', () => {
  const components = [
    { type: 1, value: { prefix: '::1234:0:0:0/80' }, offset: 64 },
    { type: 13, value: [{ op: 0xa1, value: 0xfffff }] },
  ]

  assert.deepEqual(texts({ rule: [path(components, discard)] }, 6), [
    'destination ::1234:0:0:0/80 offset 64 flow-label =1048575 then discard',
  ])
})

test('what is not the best path, and an empty table, are no rules', () => {
  assert.deepEqual(texts({ rule: [{ ...path([target], discard), best: false }] }), [])
  assert.deepEqual(rulesListed('null', 4), { rules: [], problems: [] })
  assert.deepEqual(rulesListed('{}', 4), { rules: [], problems: [] })
})

test('what cannot be read or done is told', () => {
  const twice = [target, target]
  const other = [{ type: 1, value: { prefix: '2001:db8::1/128' } }]
  const redirect = [{ type: 128, subtype: 8, value: '65001:100' }]

  assert.deepEqual(listed({ twice: [path(twice, discard)], other: [path(other, discard)] }), {
    rules: [],
    problems: ['twice: what it matches cannot be read', 'other: what it matches cannot be read'],
  })
  assert.match(listed({ rule: [path([target], redirect)] }).problems[0]!, /^rule: .*65001:100.* is not done$/)
  assert.match(listed({ rule: [path([target], 'nonsense')] }).problems[0]!, /communities cannot be read/)
  assert.throws(() => rulesListed('[]', 4))
})
