// What a FlowSpec rule costs to write, read, match and print: for rules that a detector makes, in nanoseconds each.

import { assert } from '#lib/assert.ts'
import { ruleKey } from '#lib/flowspec/canonical.ts'
import { decodeNlri } from '#lib/flowspec/decode.ts'
import { encodeNlri } from '#lib/flowspec/encode.ts'
import { ruleFromJson, ruleToJson } from '#lib/flowspec/json.ts'
import { matches } from '#lib/flowspec/matches.ts'
import { parseRule } from '#lib/flowspec/parse.ts'
import { printRule } from '#lib/flowspec/print.ts'
import { parseAddress } from '#lib/ip/address.ts'
import { printTable } from './table.ts'

const isQuick = process.argv.includes('--quick')
const ROUNDS = isQuick ? 3 : 9
const PER_ROUND = isQuick ? 2000 : 20_000

const RULES: readonly string[] = [
  'destination 192.0.2.1/32 protocol =udp source-port =53 then discard',
  'destination 192.0.2.1/32 protocol =udp source-port =53,=123,=389,=1900,=11211 packet-length >=1000&<=1500 then rate 1000000 bytes/s',
  'destination 2001:db8::1/128 protocol =tcp destination-port >=80&<=443 tcp-flags =syn&!ack then discard',
]

const rows = RULES.map(text => {
  const parsed = parseRule(text)
  assert(parsed.kind === 'parsed', 'rules of the bench are rules')
  const rule = parsed.value
  const bytes = encodeNlri(rule)
  const target = parseAddress(rule.family === 4 ? '192.0.2.1' : '2001:db8::1')
  assert(target !== undefined, 'the target is an address')
  const packet = {
    source: target,
    target,
    protocol: 17,
    sourcePort: 1900,
    targetPort: 80,
    tcpFlags: 2,
    length: 1200,
    dscp: 0,
    fragment: 0,
  }
  return [
    text.length > 60 ? `${text.slice(0, 57)}...` : text,
    nanoseconds(() => encodeNlri(rule).length),
    nanoseconds(() => decodeNlri(bytes, rule.family).kind.length),
    nanoseconds(() => (matches(rule, packet) ? 1 : 2)),
    nanoseconds(() => printRule(rule).length),
    nanoseconds(() => parseRule(text).kind.length),
    nanoseconds(() => ruleFromJson(ruleToJson(rule)).kind.length),
    nanoseconds(() => ruleKey(rule).length),
  ]
})
printTable(
  'FlowSpec, ns per rule',
  ['rule', 'encode', 'decode', 'match', 'print', 'parse', 'JSON', 'key'],
  rows,
)

/** The best of several rounds: other work can only make a round slower. */
function nanoseconds(work: () => number): number {
  let best = Number.POSITIVE_INFINITY
  let sum = 0
  for (let round = 0; round < ROUNDS; round++) {
    const start = performance.now()
    for (let at = 0; at < PER_ROUND; at++) sum += work()
    best = Math.min(best, ((performance.now() - start) * 1e6) / PER_ROUND)
  }
  assert(sum > 0, 'the work was done')
  return Math.round(best)
}
