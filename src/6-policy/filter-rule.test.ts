import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { NO_SPEEDS } from '#3-traffic/metric.ts'
import { VECTORS } from '#4-detection/vectors.ts'
import { speedsWith } from '#5-evidence/example.ts'
import { canonical } from '#lib/flowspec/canonical.ts'
import { matches, type Packet } from '#lib/flowspec/matches.ts'
import { parseRule } from '#lib/flowspec/parse.ts'
import { printRule } from '#lib/flowspec/print.ts'
import { parseAddress } from '#lib/ip/address.ts'
import { type FilterRules, filterRules, type RuleFacts } from './filter-rule.ts'
import { inventoryFrom, namedAttack } from './playbooks-for-tests.ts'

const DISCARD = { kind: 'discard' } as const
const RATE = { kind: 'rate-bytes', bytesPerSecond: 1_000_000, asn: 0 } as const
const UNKNOWN: RuleFacts = { inventory: undefined, floodPorts: undefined, remoteTargets: undefined }
const rulesOf = (
  vectors: readonly string[],
  changes: Parameters<typeof namedAttack>[1] = {},
  action: typeof DISCARD | typeof RATE = DISCARD,
  facts: Partial<RuleFacts> = {},
) => textsOf(filterRules(namedAttack(vectors, changes), action, { ...UNKNOWN, ...facts }))

const textsOf = ({ rules, problems }: FilterRules) => ({ rules: rules.map(({ text }) => text), problems })

const V6 = { host: '2001:db8::1', family: 6, prefixes: ['2001:db8::1/128'] } as const
const WEB = inventoryFrom({
  customers: [
    {
      id: 'acme',
      prefixes: ['192.0.2.0/24'],
      services: [{ id: 'web', allowedPorts: { tcp: [80, 443], udp: [443] } }],
      assets: [{ prefix: '192.0.2.1', service: 'web' }],
    },
  ],
})

test('a rule names what the packets have in common: port and length of an amplifier, flags, fragments', () => {
  const said = (vector: string, changes = {}) => rulesOf([vector], changes).rules

  assert.deepEqual(said('dns-amplification'), [
    'destination 192.0.2.1/32 protocol =udp source-port =53 packet-length >=200&<=65535 then discard',
  ])
  assert.deepEqual(said('syn-flood'), [
    'destination 192.0.2.1/32 protocol =tcp tcp-flags !=ack&=syn then discard',
  ])
  assert.deepEqual(said('fragment-flood'), [
    'destination 192.0.2.1/32 fragment is-fragment+first+last then discard',
  ])
  assert.deepEqual(said('icmp-echo-flood', V6), [
    'destination 2001:db8::1/128 protocol =ipv6-icmp icmp-type =128 then discard',
  ])
  assert.deepEqual(said('dns-water-torture'), [
    'destination 192.0.2.1/32 protocol =udp destination-port =53 then discard',
  ])
})

test('a rate is told in bytes, and a mixed attack has a rule for each of its vectors', () => {
  assert.deepEqual(rulesOf(['ntp-amplification', 'syn-flood'], {}, RATE).rules, [
    'destination 192.0.2.1/32 protocol =udp source-port =123 packet-length >=50&<=65535 then rate 1000000 bytes/s',
    'destination 192.0.2.1/32 protocol =tcp tcp-flags !=ack&=syn then rate 1000000 bytes/s',
  ])
})

test('answers that come in fragments need a rule for those without a port', () => {
  const incoming = speedsWith({ packets: 1000, fragmentPackets: 500, udpPackets: 1000 })

  assert.deepEqual(
    rulesOf(['dns-amplification'], { speeds: { incoming, outgoing: NO_SPEEDS } }).rules.slice(1),
    ['destination 192.0.2.1/32 protocol =udp fragment =is-fragment then discard'],
  )
})

test('of an attack on prefixes there is one rule for each of them', () => {
  const changes = { scope: 'prefix', prefixes: ['192.0.2.0/28', '192.0.2.64/28'] } as const

  assert.deepEqual(rulesOf(['udp-flood'], changes).rules, [
    'destination 192.0.2.0/28 protocol =udp then discard',
    'destination 192.0.2.64/28 protocol =udp then discard',
  ])
})

test('from a host of ours a rule names both ends, and without the attacked one there is none', () => {
  const changes = { direction: 'outgoing' } as const

  assert.deepEqual(
    rulesOf(['udp-flood'], changes, DISCARD, { remoteTargets: ['198.51.100.7', '2001:db8:5::1'] }),
    {
      rules: ['destination 198.51.100.7/32 source 192.0.2.1/32 protocol =udp then discard'],
      problems: [],
    },
  )
  assert.deepEqual(rulesOf(['udp-flood'], changes), {
    rules: [],
    problems: [
      '192.0.2.1 attacks others, and whom it attacks is not known: a rule by its source alone is never made',
    ],
  })
})

test('without a name the type decides, and what is not known at all is limited and never discarded', () => {
  assert.deepEqual(rulesOf([]).rules, ['destination 192.0.2.1/32 protocol =udp then discard'])
  const unknown = { type: 'unknown', protocol: 'unknown' } as const
  assert.deepEqual(rulesOf(['unknown'], unknown, RATE).rules, [
    'destination 192.0.2.1/32 then rate 1000000 bytes/s',
  ])
  assert.match(rulesOf(['unknown'], unknown).problems[0] ?? '', /^all of its traffic: no rule can tell/)
  // Plain mode says TCP of what is none of the three.
  const incoming = speedsWith({ packets: 1000 })
  const gre = { ...unknown, protocol: 'tcp', speeds: { incoming, outgoing: NO_SPEEDS } } as const
  assert.deepEqual(rulesOf([], gre).rules, [])
})

test('ports that a service is meant to be reached at are left out, unless the flood goes to just them', () => {
  const ports = (facts: Partial<RuleFacts>, action: typeof DISCARD | typeof RATE = DISCARD) =>
    rulesOf(['udp-flood'], {}, action, { inventory: WEB, ...facts }).rules[0]?.match(
      /destination-port (\S+)/,
    )?.[1]

  assert.equal(ports({}), '>=0&<=442,>=444&<=65535')
  assert.equal(ports({ floodPorts: [53, 54] }), '>=0&<=442,>=444&<=65535')
  assert.equal(ports({ floodPorts: [443] }), '=443')
  assert.equal(ports({}, RATE), undefined)
  assert.equal(ports({ inventory: undefined, floodPorts: [53, 54] }), '>=53&<=54')
})

test('where every port is allowed a discard has nothing left to name, and does not become wider', () => {
  const open = inventoryFrom({
    customers: [
      {
        id: 'a',
        prefixes: ['192.0.2.0/24'],
        services: [{ id: 's', allowedPorts: { udp: ['0-65535'] } }],
        assets: [{ prefix: '192.0.2.1', service: 's' }],
      },
    ],
  })

  assert.deepEqual(rulesOf(['udp-flood'], {}, DISCARD, { inventory: open }), {
    rules: [],
    problems: [
      'udp-flood to 192.0.2.1/32: every port is allowed there, so none is left for a rule to discard',
    ],
  })
})

const address = (text: string) => parseAddress(text)!
const packet = fc.record({
  source: fc.constant(address('198.51.100.7')),
  target: fc.constantFrom(address('192.0.2.1'), address('192.0.2.2')),
  protocol: fc.constantFrom(1, 6, 17, 47, 99),
  sourcePort: fc.constantFrom(53, 123, 80, 4444),
  targetPort: fc.constantFrom(53, 80, 443, 444, 5555),
  icmpType: fc.constantFrom(0, 8, 3),
  tcpFlags: fc.nat(63),
  length: fc.integer({ min: 40, max: 1500 }),
  dscp: fc.constant(0),
  fragment: fc.constantFrom(0, 2, 4),
})

test('whatever the vectors, no rule touches another host, and a discard never an allowed port unasked', () => {
  const names = fc.subarray(
    VECTORS.map(({ name }) => name),
    { minLength: 1, maxLength: 3 },
  )

  fc.assert(
    fc.property(
      names,
      fc.array(packet, { minLength: 5, maxLength: 20 }),
      fc.boolean(),
      (vectors, packets, isFlood) => {
        const floodPorts = isFlood ? [5555] : undefined
        const { rules } = rulesOf(vectors, {}, DISCARD, { inventory: WEB, floodPorts })
        for (const text of rules) {
          const rule = parseRule(text)
          assert.equal(rule.kind, 'parsed')
          if (rule.kind !== 'parsed') continue
          for (const one of packets as Packet[]) {
            if (!matches(rule.value, one)) continue
            assert.equal(one.target.value, address('192.0.2.1').value)
            if (text.includes('fragment')) continue
            const isNarrowed = /protocol =(tcp|udp) /.test(text)
            const allowed = one.protocol === 6 ? [80, 443] : one.protocol === 17 ? [443] : []
            if (isNarrowed) assert.ok(!allowed.includes(one.targetPort ?? -1), text)
          }
        }
      },
    ),
    { numRuns: 300 },
  )
})

test('each vector has rules in both families, or a sentence why not', () => {
  for (const { name } of VECTORS) {
    for (const changes of [{}, V6]) {
      const { rules, problems } = rulesOf([name], changes)
      assert.equal(rules.length + problems.length, 1, name)
      if (rules.length === 0) assert.equal(name, 'ipv6-extension-flood')
      for (const text of rules) {
        const rule = parseRule(text)
        assert.equal(rule.kind === 'parsed' && rule.value.components.length > 1, true, text)
        assert.equal(rule.kind === 'parsed' && printRule(canonical(rule.value)), text)
      }
    }
  }
})

test('a rule is made as the routers can have it: another rate is said, and what they have no words for is refused', () => {
  const asked = (router: RuleFacts['flowspecRouter'], action: typeof DISCARD | typeof RATE, changes = {}) =>
    filterRules(namedAttack(['dns-amplification'], changes), action, {
      ...UNKNOWN,
      flowspecRouter: router,
    })

  const [stepped] = asked('slx', RATE).rules
  assert.match(stepped?.text ?? '', /then rate 1001000 bytes\/s$/)
  assert.match(stepped?.note ?? '', /Extreme SLX-OS/)
  assert.deepEqual(asked('slx', DISCARD, V6).rules, [])
  assert.match(asked('slx', DISCARD, V6).problems[0]!, /has no rules of IPv6/)
  assert.ok(asked('junos', DISCARD).rules.every(({ note }) => note === undefined))
})
