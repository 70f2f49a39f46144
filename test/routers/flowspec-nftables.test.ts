// The rules of the lab's stand-in router against our reference: each packet is really sent, and counters of nftables say
// which rules it met.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { z } from 'zod'
import { matches, type Packet } from '#lib/flowspec/matches.ts'
import { printNftables } from '#lib/flowspec/nftables/print-nftables.ts'
import { rulesetOf } from '#lib/flowspec/nftables/ruleset.ts'
import { printRule } from '#lib/flowspec/print.ts'
import type { Rule } from '#lib/flowspec/rule.ts'
import { mustRun } from '../../lab/command.ts'
import { mayRunPrograms } from '../may-run-programs.ts'
import { ip, RECEIVER, VethPair } from '../veth-pair.ts'
import { anyFlowPacket, frameOf, referenceOf } from './flow-packet.ts'
import { ruleNear } from './rule-near.ts'

/** The same each time; other numbers make other rules and packets. */
const SEED = 20_260_101
const PACKETS = 90
const RULES_PER_PACKET = 3
const ALL_ARRIVE_MS = 5000
/** So many packets and rules can have met. */
const MEETINGS_MAX = 65_535
const TABLE = 'inet flowspec'

/** Elements of the set: the packet's number as its source MAC, and the rule's place. */
const setSchema = z.object({
  nftables: z.array(
    z.looseObject({
      set: z
        .object({ elem: z.array(z.object({ concat: z.tuple([z.string(), z.number()]) })).default([]) })
        .optional(),
    }),
  ),
})

for (const family of [4, 6] as const) {
  test(`nftables and the reference agree about rules and packets of IPv${family}`, async t => {
    if (!(await mayRunPrograms(t, ['nft']))) return
    const pair = new VethPair(t)
    const packets = fc.sample(anyFlowPacket(family), { numRuns: PACKETS, seed: SEED + family })
    const rules = packets.flatMap((packet, at) =>
      fc.sample(ruleNear(referenceOf(packet)), { numRuns: RULES_PER_PACKET, seed: SEED + at }),
    )
    const judged = await install(pair, rules)
    await assertNftReads(pair, rules)

    for (const [at, packet] of packets.entries()) pair.send([numbered(frameOf(packet), at)])
    const met = await meetings(pair, packets.length)

    let count = 0
    for (const [at, packet] of packets.entries()) {
      const reference = referenceOf(packet)
      for (const [index, rule] of judged.entries()) {
        const isMet = met.has(`${at} ${index}`)
        count += isMet ? 1 : 0
        assert.equal(isMet, matches(rule, reference), told(rule, reference))
      }
    }
    t.diagnostic(`${rules.length} rules and ${packets.length} packets met ${count} times`)
    assert.ok(count > PACKETS && count < (rules.length * PACKETS) / 2, 'rules and packets meet, and not all')
  })
}

/**
 * All rules in one table; each has later ones looked at as well. Instead of counting a packet a rule notes it in a set.
 * Gives back the rules in the order of their numbers.
 */
async function install(pair: VethPair, rules: readonly Rule[]): Promise<readonly Rule[]> {
  const goOn = [{ kind: 'traffic-action', isSampled: false, isTerminal: true } as const]
  const ruleset = rulesetOf(
    rules.map(rule => ({ ...rule, actions: goOn })),
    { hook: 'prerouting' },
  )
  const note = 'meta mark set $1 add @met { ether saddr . meta mark }'
  const script = ruleset.script
    .replace(/counter name matched(\d+) comment ".*"/g, note)
    .replace(
      `table ${TABLE} {`,
      `table ${TABLE} {\nset met { typeof ether saddr . meta mark; flags dynamic; size ${MEETINGS_MAX}; }`,
    )
    .replace('chain judge {', 'counter arrived {\n}\nchain judge {')
    .replace('policy accept;', 'policy accept;\ncounter name arrived')
  await within(pair, ['nft', '-f', '-'], script)
  ip('-n', pair.receiving, 'link', 'set', RECEIVER, 'address', '02:00:00:00:00:01')
  // Without IPv6 the kernel drops it before anybody looks.
  await within(pair, ['sh', '-e'], `echo 0 > /proc/sys/net/ipv6/conf/${RECEIVER}/disable_ipv6\n`)
  return ruleset.rules
}

/** What people are given for `nft -f`. Of the random rules those that no packet can meet are refused. */
async function assertNftReads(pair: VethPair, rules: readonly Rule[]): Promise<void> {
  const actions: Rule['actions'][] = [
    [{ kind: 'discard' }],
    [{ kind: 'rate-bytes', bytesPerSecond: 125_000, asn: 0 }],
    [{ kind: 'mark', dscp: 8 }],
  ]
  const printed = rules.flatMap((rule, at) => {
    const one = { ...rule, actions: actions[at % actions.length] ?? [] }
    return printNftables([one]).kind === 'text' ? [one] : []
  })
  assert.ok(printed.length > rules.length / 2, `only ${printed.length} rules can be printed`)
  const ruleset = printNftables(printed)
  assert.ok(ruleset.kind === 'text')
  await within(pair, ['nft', '-c', '-f', '-'], ruleset.text)
}

/** The packet's number is its source MAC. */
function numbered(frame: Uint8Array, packet: number): Uint8Array {
  frame.set([packet >> 8, packet & 255], 10)
  return frame
}

/** Which packets met which rules, once all have arrived: `packet rule`. */
async function meetings(pair: VethPair, packets: number): Promise<Set<string>> {
  const endsAt = performance.now() + ALL_ARRIVE_MS
  let arrived = ''
  while (!arrived.includes(`packets ${packets} `)) {
    assert.ok(performance.now() < endsAt, `${packets} packets were sent: ${arrived}`)
    arrived = await within(pair, ['nft', 'list', 'counter', ...TABLE.split(' '), 'arrived'])
  }
  const text = await within(pair, ['nft', '-j', 'list', 'set', ...TABLE.split(' '), 'met'])
  const elements = setSchema.parse(JSON.parse(text)).nftables.flatMap(({ set }) => set?.elem ?? [])
  return new Set(elements.map(({ concat: [mac, rule] }) => `${numberOf(mac)} ${rule}`))
}

const numberOf = (mac: string): number => Number.parseInt(mac.split(':').slice(4).join(''), 16)

const within = (pair: VethPair, argv: readonly string[], input = ''): Promise<string> =>
  mustRun(['ip', 'netns', 'exec', pair.receiving, ...argv], { input })

const told = (rule: Rule, packet: Packet): string =>
  `${printRule(rule)} and ${JSON.stringify(packet, (_, value) => (typeof value === 'bigint' ? value.toString(16) : value))}`
