import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { packetOf, ruleOf } from '#lib/flowspec/arbitrary-for-tests.ts'
import { actionsKey } from '#lib/flowspec/canonical.ts'
import { ruleProblems } from '#lib/flowspec/check.ts'
import { matches } from '#lib/flowspec/matches.ts'
import { printRule } from '#lib/flowspec/print.ts'
import { writeRule } from './from-rule.ts'
import type { DdpsRule } from './rule.ts'
import { readDdpsRule } from './rule.ts'
import { ddpsRule } from './rule-for-tests.ts'
import { type Checks, convertRule } from './to-rule.ts'
import { DDPS_ACTIONS } from './words.ts'

const CHECKS: Checks = { actions: DDPS_ACTIONS, mayTouch: () => true }
const convert = (changes: Partial<DdpsRule> = {}, checks = CHECKS) => convertRule(ddpsRule(changes), checks)
const textOf = (changes: Partial<DdpsRule>) => {
  const made = convert(changes)
  return made.kind === 'rule' ? printRule(made.rule) : made.text
}

const BARE = { ipprotocol: '', sourceport: '', packetlength: '' }

test('each key becomes its component', () => {
  assert.equal(
    textOf({}),
    'destination 10.0.0.5/32 protocol =udp source-port =123 packet-length =468 then discard',
  )
  const rows: readonly (readonly [Partial<DdpsRule>, string])[] = [
    [{ sourceprefix: '192.0.2.0/24' }, 'source 192.0.2.0/24'],
    [{ sourceprefix: '0.0.0.0/0' }, ''],
    [{ sourceprefix: '::/0' }, ''],
    [{ ipprotocol: '<=5 >=7' }, 'protocol <=5,>=7'],
    [{ destinationport: '>=80&<=443' }, 'destination-port >=80&<=443'],
    [{ sourceport: '161' }, 'source-port =161'],
    [{ ipprotocol: '=1', icmptype: '=8', icmpcode: '=0' }, 'protocol =icmp icmp-type =8 icmp-code =0'],
    [{ tcpflags: 'syn ack' }, 'tcp-flags =syn,=ack'],
    [{ packetlength: '=900' }, 'packet-length =900'],
    [{ dscp: '=46' }, 'dscp =46'],
    [{ fragmentencoding: 'is-fragment' }, 'fragment =is-fragment'],
  ]
  for (const [changes, text] of rows)
    assert.equal(
      textOf({ ...BARE, ...changes }),
      `destination 10.0.0.5/32 ${text === '' ? '' : `${text} `}then discard`,
    )
  assert.equal(textOf({ ...BARE, thenaction: 'accept' }), 'destination 10.0.0.5/32')
  assert.equal(
    textOf({ ...BARE, thenaction: 'rate-limit 19200' }),
    'destination 10.0.0.5/32 then rate 19200 bytes/s',
  )
  assert.equal(
    textOf({ ...BARE, destinationprefix: '2001:db8::1/128', ipprotocol: '=58' }),
    'destination 2001:db8::1/128 protocol =ipv6-icmp then discard',
  )
})

test('faults are told one at a time, in the order of ddps_addrule', () => {
  const wrong: DdpsRule = ddpsRule({
    destinationport: '=<80',
    sourceport: '99999',
    icmptype: '=256',
    icmpcode: '256',
    packetlength: '=59',
    dscp: '=64',
    description: ' ',
    thenaction: 'drop',
    fragmentencoding: '1',
    tcpflags: 'psh',
    ipprotocol: '<=5&>=7',
  })
  const right = ddpsRule({ ipprotocol: '=6', sourceport: '' })
  const told: string[] = []
  let rule = wrong
  let may = false
  for (let round = 0; round < 20; round++) {
    const made = convertRule(rule, { ...CHECKS, mayTouch: () => may })
    if (made.kind === 'rule') break
    told.push(made.because === 'rights' ? 'rights' : made.key)
    assert.ok(made.text.startsWith(made.key), made.text)
    if (made.because === 'rights') may = true
    else rule = { ...rule, [made.key]: right[made.key] }
  }

  assert.deepEqual(told, [
    ...['destinationport', 'sourceport', 'icmptype', 'icmpcode', 'packetlength', 'dscp', 'description'],
    ...['rights', 'thenaction', 'fragmentencoding', 'tcpflags', 'ipprotocol'],
  ])
})

test('what no packet can fit is refused', () => {
  assert.equal(textOf({ ipprotocol: '<=5&>=7' }), 'ipprotocol matches nothing: & is AND, and a space is OR')
  assert.match(textOf({ ipprotocol: '=1', destinationport: '=80' }), /destination-port .* has no ports$/)
  assert.match(textOf({ ipprotocol: '1', sourceport: '=80' }), /source-port .* has no ports$/)
  assert.match(textOf({ ipprotocol: '=47', sourceport: '=80' }), /source-port .* has no ports$/)
  assert.match(textOf({ ipprotocol: '=17', tcpflags: 'syn' }), /tcp-flags .* is not TCP$/)
  assert.match(textOf({ sourceprefix: '2001:db8::/32' }), /sourceprefix is IPv6, and destinationprefix IPv4/)
  assert.match(
    textOf({ ...BARE, destinationprefix: '2001:db8::/64', fragmentencoding: 'dont-fragment' }),
    /IPv6 does not have/,
  )
})

test('only the actions of the list are taken', () => {
  const checks = { ...CHECKS, actions: ['discard', 'rate-limit 1000000'] }

  assert.equal(convert({ thenaction: 'rate-limit 1000000' }, checks).kind, 'rule')
  assert.equal(convert({ thenaction: 'rate-limit 9600' }, checks).kind, 'refused')
  assert.equal(convert({ thenaction: 'accept' }, checks).kind, 'refused')
})

const ruleAndPackets = fc
  .constantFrom<4 | 6>(4, 6)
  .chain(family => fc.tuple(ruleOf(family), fc.array(packetOf(family), { minLength: 20, maxLength: 20 })))

test('a rule that DDPS can say comes back with the same meaning, and is one BGP can carry', () => {
  fc.assert(
    fc.property(ruleAndPackets, ([rule, packets]) => {
      const written = writeRule(rule, { seconds: 600, description: 'why' })
      if (written.kind === 'problem') return
      const read = readDdpsRule(written.rule)
      assert.equal(read.kind, 'rule')
      const back = convertRule(written.rule, { ...CHECKS, actions: [written.rule.thenaction] })
      // What fits no packet is refused on the way in.
      if (back.kind === 'refused') {
        assert.match(back.text, /matches nothing/)
        return
      }
      assert.deepEqual(ruleProblems(back.rule), [])
      // The AS of a rate only informs (RFC 8955, section 7.1).
      const actions = rule.actions.map(each => ('asn' in each ? { ...each, asn: 0 } : each))
      assert.equal(actionsKey(back.rule.actions), actionsKey(actions))
      for (const packet of packets) assert.equal(matches(back.rule, packet), matches(rule, packet))
    }),
    { numRuns: 2000 },
  )
})

test('what DDPS has no words for is said to be so', () => {
  const papers = { seconds: 90, description: 'x'.repeat(300) }
  const made = convert({ ipprotocol: '=6', tcpflags: 'syn' })
  assert.ok(made.kind === 'rule')
  const { rule } = made
  const written = writeRule(rule, papers)

  assert.ok(written.kind === 'keys')
  assert.deepEqual([written.rule.durationminutes, written.rule.description.length], ['2', 256])
  assert.deepEqual(Object.keys(written.rule), Object.keys(ddpsRule()))
  const problem = (changed: typeof rule, more = papers) => {
    const outcome = writeRule(changed, more)
    return outcome.kind === 'problem' ? outcome.problem : ''
  }
  assert.match(problem({ ...rule, components: rule.components.slice(1) }), /without a destination/)
  assert.match(problem({ ...rule, actions: [{ kind: 'mark', dscp: 1 }] }), /action/)
  const port = { type: 'port', anyOf: [[{ operator: '=', value: 1 }]] } as const
  assert.match(problem({ ...rule, components: [...rule.components, port] }), /no words for this port/)
  assert.match(problem(rule, { ...papers, seconds: 86_401 }), /1 to 1440 minutes/)
})
