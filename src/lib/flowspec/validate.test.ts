import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parsePrefix } from '#lib/ip/prefix.ts'
import { only, rangesComponent, ruleFor } from './build.ts'
import type { Component, Rule } from './rule.ts'
import { problemsForGobgpd, withdrawalProblemsForGobgpd } from './validate.ts'

const target = parsePrefix('192.0.2.1/32')!
const destination: Component = { type: 'destination', prefix: target, offset: 0 }
const of = (...components: Component[]): Rule => ({ family: 4, components, actions: [{ kind: 'discard' }] })
const ports = (count: number) =>
  rangesComponent(
    'port',
    Array.from({ length: count }, (_, at) => only(1000 + 2 * at)),
  )

const REFUSED: readonly (readonly [why: string, rule: Rule, problem: RegExp])[] = [
  [
    'a value of 2^32 kills gobgpd',
    of(rangesComponent('port', [only(2 ** 32)])),
    /whole number from 0 to 65535/,
  ],
  [
    'a length above 65535',
    of(rangesComponent('packet-length', [only(99_971)])),
    /whole number from 0 to 65535/,
  ],
  ['half a port', of(rangesComponent('port', [only(1.5)])), /whole number/],
  ['240 octets and more are written malformed', of(destination, ports(78)), /takes 241 octets/],
  ['a type comes twice', of(destination, destination), /comes twice/],
  ['components out of order', of(rangesComponent('port', [only(1)]), destination), /out of order/],
  ['no components', of(), /needs a component/],
  ['a component without items', of({ type: 'port', anyOf: [] }), /needs a value/],
  ['an and-bit at the start', of({ type: 'port', anyOf: [[]] }), /needs a value/],
  [
    'IPv6 in a rule of IPv4',
    of({ ...destination, prefix: parsePrefix('2001:db8::/64')! }),
    /IPv6 prefix in a rule of IPv4/,
  ],
  ['/64 in IPv4', of({ ...destination, prefix: { ...target, length: 64 } }), /length from 0 to 32/],
  ['host bits', of({ ...destination, prefix: { ...target, length: 24 } }), /outside its prefix/],
  ['an offset in IPv4', of({ ...destination, offset: 8 }), /IPv6 only/],
  ['a flow label in IPv4', of(rangesComponent('flow-label', [only(1)])), /IPv6 only/],
  ['no actions', { ...of(destination), actions: [] }, /without actions/],
  [
    'an IPv6 prefix with an offset resets BIRD',
    { ...of({ type: 'destination', prefix: parsePrefix('::1/128')!, offset: 64 }), family: 6 },
    /reset the session/,
  ],
  [
    "don't-fragment in IPv6",
    { ...of({ type: 'fragment', anyOf: [[{ isNot: false, isMatchAll: true, bits: 1 }]] }), family: 6 },
    /bits beyond/,
  ],
  [
    'a rate that is no number',
    { ...of(destination), actions: [{ kind: 'rate-bytes', bytesPerSecond: Number.NaN, asn: 0 }] },
    /rate is a number/,
  ],
  [
    'a route target whose AS has no room',
    { ...of(destination), actions: [{ kind: 'redirect', target: { kind: 'as2', asn: 65_536, number: 1 } }] },
    /AS of a route target/,
  ],
]

for (const [why, rule, problem] of REFUSED) {
  test(`refused: ${why}`, () => {
    const problems = problemsForGobgpd(rule, { allowOffsets: false })

    assert.equal(problems.length, 1, problems.join('; '))
    assert.match(problems[0]!, problem)
  })
}

test('77 ports of two octets beside a /32 fit, and a withdrawal needs no actions', () => {
  assert.deepEqual(problemsForGobgpd(of(destination, ports(77)), { allowOffsets: false }), [])
  assert.deepEqual(withdrawalProblemsForGobgpd(ruleFor({ target }, []), { allowOffsets: false }), [])
})

test('a component with more tests than each router reads is refused where that is asked for, and a range is two', () => {
  const options = { allowOffsets: false, testsMax: 5 }
  const ranges = (count: number) =>
    rangesComponent(
      'packet-length',
      Array.from({ length: count }, (_, at) => ({ from: 100 + 10 * at, to: 105 + 10 * at })),
    )

  assert.deepEqual(problemsForGobgpd(of(destination, ports(5)), options), [])
  assert.deepEqual(problemsForGobgpd(of(destination, ports(6)), options), [
    'port has 6 tests (a value is one, a range two), and more than 5 make some routers reset the session: split the rule',
  ])
  assert.deepEqual(problemsForGobgpd(of(destination, ranges(2)), options), [])
  assert.match(problemsForGobgpd(of(destination, ranges(3)), options).join(), /packet-length has 6 tests/)
  assert.deepEqual(problemsForGobgpd(of(destination, ports(6)), { allowOffsets: false }), [])
})
