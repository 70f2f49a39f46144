import assert from 'node:assert/strict'
import { test } from 'node:test'
import { canonical } from '#lib/flowspec/canonical.ts'
import { parseRule } from '#lib/flowspec/parse.ts'
import { printRule } from '#lib/flowspec/print.ts'
import type { Flow } from '#lib/flowspec/rule.ts'
import { communitiesOfBird, flowOfBird } from './bird-flow.ts'
import { flowsOfFrr } from './frr-flow.ts'

const textOf = (flow: Flow) => printRule(canonical({ ...flow, actions: [] }))
const same = (text: string) => {
  const parsed = parseRule(text)
  assert.ok(parsed.kind === 'parsed', text)
  return textOf(parsed.value)
}

/** As BIRD 2.0.12 and FRR 8.4 printed them. */
const PRINTED: readonly (readonly [rule: string, bird: string, frr: string])[] = [
  [
    'destination 2001:db8::10/128 source 2001:db8:ffff::/48 protocol =17 port =53 destination-port =5 source-port >=5&<=9 packet-length =100,>=200&<=300 dscp =5 fragment is-fragment,first flow-label =9',
    'flow6 { dst 2001:db8::10/128; src 2001:db8:ffff::/48; next header 17; port 53; dport 5; sport 5..9; length 100,200..300; dscp 5; fragment is_fragment || first_fragment; label 9; }',
    '{"to":"2001:db8::10/128/off 0","from":"2001:db8:ffff::/48/off 0","proto":"= 17 ","port":"= 53 ","dstp":"= 5 ","srcp":">= 5 , <= 9 ","pktlen":"= 100 , >= 200 , <= 300 ","dscp":"= 5 ","pktfrag":"= 2,|= 4","flwlbl":"= 9 "}',
  ],
  [
    'destination 192.0.2.1/32 protocol =6 tcp-flags =syn&!ack&!rst,=fin&!psh',
    'flow4 { dst 192.0.2.1/32; proto 6; tcp flags 0x1/0x1 && !0x8/0x8 || !0x10/0x10 && 0x2/0x2 && !0x4/0x4; }',
    '{"to":"192.0.2.1/32","proto":"= 6 ","tcp":"= 1,&= ! 8,|= ! 16,&= 2,&= ! 4"}',
  ],
  [
    'destination 192.0.2.0/24 protocol =1 icmp-type =1,=3 icmp-code =4',
    'flow4 { dst 192.0.2.0/24; proto 1; icmp type 1,3; icmp code 4; }',
    '{"to":"192.0.2.0/24","proto":"= 1 ","type":"= 1 , = 3 ","code":"= 4 "}',
  ],
]

for (const [rule, bird, frr] of PRINTED) {
  test(`BIRD and FRR say: ${rule}`, () => {
    const listing = `[ ${frr}, {"ecomlist":"FS:rate 0.000000"}, {"time":"00:00:01"} ]\n`

    assert.equal(textOf(flowOfBird(bird)), same(rule))
    const [first, second] = flowsOfFrr(listing + listing, rule.includes('2001') ? 6 : 4)
    assert.equal(first && textOf(first.flow), same(rule))
    assert.deepEqual(second, first)
    assert.equal(first?.communities, 'FS:rate 0.000000')
  })
}

test('what they do not say in these words is a mistake, not another rule', () => {
  assert.throws(() => flowOfBird('flow4 { dst 192.0.2.1/32; colour 3; }'), /no component of BIRD/)
  assert.throws(() => flowOfBird('flow4 { proto 6; tcp flags 0x2/0x12; }'), /some are set/)
  assert.throws(() => flowsOfFrr('[{"proto":"> 5 "},{},{"time":""}]', 4), /no range of FRR/)
  assert.throws(() => flowsOfFrr('[{"colour":"= 3 "},{},{"time":""}]', 4), /no component of FRR/)
})

test('an empty table of FRR has no rules', () => {
  assert.deepEqual(flowsOfFrr('\n', 4), [])
})

test('communities are two words each', () => {
  const actions = [{ kind: 'discard' }, { kind: 'rate-packets', packetsPerSecond: 1000, asn: 0 }] as const

  assert.equal(communitiesOfBird(actions), '(generic, 0x80060000, 0x0) (generic, 0x800c0000, 0x447a0000)')
})
