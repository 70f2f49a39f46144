import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { parsePrefix } from '#lib/ip/prefix.ts'
import { anyRule } from './arbitrary-for-tests.ts'
import { only, rangesComponent, ruleFor } from './build.ts'
import { flowProblems } from './check.ts'
import { decodeNlri } from './decode.ts'
import { encodeNlri, nlriLength } from './encode.ts'
import type { Flow, PrefixComponent } from './rule.ts'

const hex = (text: string) => Uint8Array.from(text.split(' '), octet => Number.parseInt(octet, 16))
const prefix = (text: string) => parsePrefix(text)!
const masked = (type: 'destination' | 'source', text: string, offset: number): PrefixComponent => ({
  type,
  prefix: prefix(text),
  offset,
})

/** The examples of RFC 8955, section 4.3, and of RFC 8956, section 3.8. */
const EXAMPLES: readonly [name: string, flow: Flow, bytes: string][] = [
  [
    'to 192.0.2.0/24 and TCP port 25',
    ruleFor({ target: prefix('192.0.2.0/24'), protocol: 6, targetPorts: [only(25)] }, []),
    '0b 01 18 c0 00 02 03 81 06 05 81 19',
  ],
  [
    'to 192.0.2.0/24 from 203.0.113.0/24 and port 137 to 139 or 8080',
    {
      family: 4,
      components: [
        masked('destination', '192.0.2.0/24', 0),
        masked('source', '203.0.113.0/24', 0),
        rangesComponent('port', [{ from: 137, to: 139 }, only(8080)]),
      ],
    },
    '12 01 18 c0 00 02 02 18 cb 00 71 04 03 89 45 8b 91 1f 90',
  ],
  [
    'to 192.0.2.1/32 and do not fragment or first fragment',
    {
      family: 4,
      components: [
        masked('destination', '192.0.2.1/32', 0),
        { type: 'fragment', anyOf: [[{ isNot: false, isMatchAll: false, bits: 5 }]] },
      ],
    },
    '09 01 20 c0 00 02 01 0c 80 05',
  ],
  [
    'IPv6 with an offset of 64 from 2001:db8::/32 and TCP',
    {
      family: 6,
      components: [
        masked('destination', '::1234:5678:9a00:0/104', 64),
        masked('source', '2001:db8::/32', 0),
        rangesComponent('protocol', [only(6)]),
      ],
    },
    '12 01 68 40 12 34 56 78 9a 02 20 00 20 01 0d b8 03 81 06',
  ],
  [
    'IPv6 with an offset of 65 to 2001:db8::/32',
    {
      family: 6,
      components: [masked('destination', '2001:db8::/32', 0), masked('source', '::1234:5678:9a00:0/104', 65)],
    },
    '0f 01 20 00 20 01 0d b8 02 68 41 24 68 ac f1 34',
  ],
]

for (const [name, flow, text] of EXAMPLES) {
  test(`the example of the RFC is written and read: ${name}`, () => {
    const decoded = decodeNlri(hex(text), flow.family)

    assert.deepEqual(encodeNlri(flow), hex(text))
    assert.ok(decoded.kind === 'flow')
    assert.deepEqual(decoded.flow.components, flow.components)
  })
}

test('a rule against a flood of UDP to a name server is on the wire as routers are sent it', () => {
  const flow = ruleFor({ target: prefix('203.0.113.10/32'), protocol: 17, targetPorts: [only(53)] }, [])

  assert.deepEqual(encodeNlri(flow), hex('0c 01 20 cb 00 71 0a 03 81 11 05 81 35'))
})

test('what is encoded is decoded to the same rule', () => {
  fc.assert(
    fc.property(anyRule, ({ family, components }) => {
      const bytes = encodeNlri({ family, components })

      const decoded = decodeNlri(bytes, family)

      assert.deepEqual(flowProblems({ family, components }), [])
      assert.deepEqual(decoded, { kind: 'flow', flow: { family, components }, next: bytes.length })
    }),
  )
})

test('random bytes give a flow that can be written, or a problem within them', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 40 }), fc.constantFrom<4 | 6>(4, 6), (bytes, family) => {
      const decoded = decodeNlri(bytes, family)

      if (decoded.kind === 'flow') assert.deepEqual(flowProblems(decoded.flow), [])
      else assert.ok(decoded.offset <= bytes.length)
    }),
    { numRuns: 2000 },
  )
})

test('a rule with one octet changed is read or refused, never thrown at', () => {
  fc.assert(
    fc.property(anyRule, fc.nat(), fc.integer({ min: 0, max: 255 }), (rule, where, octet) => {
      const bytes = encodeNlri(rule)
      bytes[where % bytes.length] = octet

      const decoded = decodeNlri(bytes, rule.family)

      if (decoded.kind === 'flow') assert.deepEqual(flowProblems(decoded.flow), [])
    }),
    { numRuns: 1000 },
  )
})

test('240 octets take a length of two', () => {
  const ports = Array.from({ length: 80 }, (_, at) => only(1000 + at * 2))
  const components = [
    rangesComponent('protocol', [only(6), only(17)]),
    rangesComponent('port', ports.slice(0, 78)),
  ]

  const bytes = encodeNlri({ family: 4, components })

  assert.deepEqual([...bytes.subarray(0, 2)], [0xf0, 240])
  assert.equal(decodeNlri(bytes, 4).kind, 'flow')
})

const MALFORMED: readonly [what: string, bytes: string, family: 4 | 6, offset: number][] = [
  ['no components', '00', 4, 0],
  ['half a length', 'f0', 4, 0],
  ['length 11 beyond the end', '0b 01 18', 4, 0],
  ['component protocol comes twice', '06 03 81 06 03 81 11', 4, 4],
  ['component protocol is out of order', '06 05 81 19 03 81 11', 4, 4],
  ['component type 14 is unknown', '03 0e 81 06', 6, 1],
  ['component type 13 is unknown', '03 0d 81 06', 4, 1],
  ['prefix length 33 is above 32', '07 01 21 c0 00 02 01 80', 4, 2],
  ['offset 64 is not below prefix length 64', '03 01 40 40', 6, 3],
  ['the prefix is cut off', '03 01 18 c0', 4, 3],
  ['the value is cut off', '03 05 91 19', 4, 2],
  ['the list has no end', '03 05 01 19', 4, 2],
  ['256 is too large for protocol', '04 03 91 01 00', 4, 2],
  ['bits 0x1000 are too many for tcp-flags', '04 09 90 10 00', 4, 2],
]

for (const [what, bytes, family, offset] of MALFORMED) {
  test(`refused: ${what}`, () => {
    assert.deepEqual(decodeNlri(hex(bytes), family), { kind: 'malformed', what, offset })
  })
}

test('reserved bits and the first and-bit are ignored', () => {
  const decoded = decodeNlri(hex('03 03 c9 06'), 4)

  assert.ok(decoded.kind === 'flow')
  assert.deepEqual(decoded.flow.components, [rangesComponent('protocol', [only(6)])])
})

test('the length of a rule is known without encoding it', () => {
  fc.assert(
    fc.property(anyRule, rule => {
      fc.pre(flowProblems(rule).length === 0)

      const bytes = encodeNlri(rule)

      assert.equal(nlriLength(rule), bytes.length - (bytes.length > 240 ? 2 : 1))
    }),
  )
})
