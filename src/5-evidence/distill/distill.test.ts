import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { decodeNlri } from '#lib/flowspec/decode.ts'
import { encodeNlri } from '#lib/flowspec/encode.ts'
import { matches } from '#lib/flowspec/matches.ts'
import { printFlow, printRule } from '#lib/flowspec/print.ts'
import { fit } from '#lib/flowspec/router-profile/fit.ts'
import { ROUTER_PROFILES } from '#lib/flowspec/router-profile/profile.ts'
import { type ComponentType, isPrefixComponent, type Rule } from '#lib/flowspec/rule.ts'
import { problemsForGobgpd } from '#lib/flowspec/validate.ts'
import { parsePrefix } from '#lib/ip/prefix.ts'
import { counterfactual } from './counterfactual.ts'
import { distill } from './distill.ts'
import type { Distilled, DistillInput } from './distillation.ts'
import {
  Dice,
  either,
  FLOODS,
  inputOf,
  type PacketOf,
  resolver,
  samplesOf,
  udp,
  web,
} from './samples-for-tests.ts'

const rulesOf = (distilled: Distilled): readonly Rule[] =>
  distilled.kind === 'rules' ? distilled.rules.map(({ rule }) => rule) : []

const texts = (distilled: Distilled) => rulesOf(distilled).map(printFlow)

/** What rules take of packets that come later. */
function later(rules: readonly Rule[], flood: PacketOf, honest: PacketOf) {
  const dice = new Dice(99)
  return {
    flood: counterfactual(rules, samplesOf(flood, 3000, dice)).taken.share,
    honest: counterfactual(rules, samplesOf(honest, 20_000, dice)).taken.share,
  }
}

const SEPARABLE: readonly [name: keyof typeof FLOODS, honest: PacketOf][] = [
  ['ntp', web],
  ['ntp', resolver],
  ['ssdp', web],
  ['dns', web],
  ['dns', resolver],
  ['no-flags', web],
  ['xmas', web],
  ['fixed-length', web],
  ['random-udp', web],
  ['random-protocol', web],
  ['gre', resolver],
  ['large-ping', web],
  ['three-hosts', web],
  ['syn', resolver],
]

for (const [name, honest] of SEPARABLE) {
  test(`${name} beside the traffic of a ${honest.name}: the next packets are taken, honest ones are not`, () => {
    const distilled = distill(inputOf({ flood: FLOODS[name], honest }))
    const rules = rulesOf(distilled)

    const shares = later(rules, FLOODS[name], honest)
    assert.ok(rules.length >= 1 && rules.length <= 3, `${rules.length} rules`)
    assert.ok(shares.flood >= 0.99, `${shares.flood} with ${texts(distilled)}`)
    assert.ok(shares.honest <= 0.001, `${shares.honest} with ${texts(distilled)}`)
  })
}

for (const [name, honest] of [
  ['syn', web],
  ['ack', web],
  ['pages', web],
  ['queries', resolver],
] as const) {
  test(`${name} beside the traffic of a ${honest.name} cannot be told from it`, () => {
    const distilled = distill(inputOf({ flood: FLOODS[name], honest }))

    assert.equal(distilled.kind, 'inseparable', texts(distilled).join())
    assert.ok(distilled.kind === 'inseparable' && distilled.reason.length > 20)
  })
}

test('two vectors are two rules, what takes more of the flood first', () => {
  const flood = either(FLOODS.ntp, FLOODS['no-flags'], 0.7)
  const distilled = distill(inputOf({ flood, honest: web }))

  const shares = later(rulesOf(distilled), flood, web)
  assert.equal(texts(distilled).length, 2, texts(distilled).join())
  assert.match(texts(distilled)[0] ?? '', /source-port =123/)
  assert.match(texts(distilled)[1] ?? '', /tcp-flags/)
  assert.ok(shares.flood >= 0.95 && shares.honest <= 0.005, JSON.stringify(shares))
})

test('of two vectors the separable one is taken and the other is not', () => {
  const distilled = distill(inputOf({ flood: either(FLOODS.ntp, FLOODS.syn, 0.6), honest: web }))

  assert.equal(texts(distilled).length, 1, texts(distilled).join())
  assert.match(texts(distilled)[0] ?? '', /source-port =123/)
})

test('a known signature is said, and must pass the same test', () => {
  const known = distill({ ...inputOf({ flood: FLOODS.ntp, honest: web }), vectors: ['ntp-amplification'] })
  const wrong = distill({
    ...inputOf({ flood: FLOODS.queries, honest: resolver }),
    vectors: ['dns-amplification'],
  })

  assert.ok(
    known.kind === 'rules' && known.rules[0]?.because.some(text => text.includes('ntp-amplification')),
  )
  assert.equal(wrong.kind, 'inseparable')
})

test('fewer samples than a report has decide nothing', () => {
  const few = inputOf({ flood: FLOODS.ntp, honest: web, attack: 19 })

  assert.deepEqual(distill(few), { kind: 'too-few', samples: 19, needed: 20 })
})

test('twenty samples and no calm are enough for an amplification, and not for what looks like a service', () => {
  const only = (flood: PacketOf) =>
    distill(inputOf({ flood, honest: web, attack: 20, calm: 0, honestShare: 0 }))

  assert.equal(only(FLOODS.ntp).kind, 'rules')
  assert.equal(only(FLOODS.syn).kind, 'inseparable')
  assert.equal(only(FLOODS.queries).kind, 'inseparable')
  assert.equal(only(FLOODS.pages).kind, 'inseparable')
})

test('what the owner says is a service costs more than a port nobody spoke of', () => {
  const flood: PacketOf = dice => udp(dice, dice.between(1024, 65_535), 27_015, dice.between(60, 1400))
  const input = inputOf({ flood, honest: web })

  assert.equal(distill(input).kind, 'rules')
  assert.equal(distill({ ...input, legitimate: { udp: [{ from: 27_000, to: 27_050 }] } }).kind, 'inseparable')
})

test('honest packets of a kind that calm did not have are not called flood', () => {
  const surprise: PacketOf = dice => udp(dice, dice.between(1024, 65_535), 4500, dice.between(100, 1300))
  const input = inputOf({ flood: FLOODS.ntp, honest: web, honestShare: 0.2 })
  const dice = new Dice(5)
  const distilled = distill({ ...input, attack: [...input.attack, ...samplesOf(surprise, 20, dice)] })

  assert.equal(counterfactual(rulesOf(distilled), samplesOf(surprise, 500, dice)).taken.matched, 0)
  assert.ok(rulesOf(distilled).length >= 1)
})

test('lengths that nobody told are not asked for', () => {
  const input = inputOf({ flood: FLOODS['fixed-length'], honest: web })
  const attack = input.attack.map(sample => ({
    ...sample,
    untold: ['packet-length', 'fragment', 'dscp'] as const,
  }))
  const distilled = distill({ ...input, attack })

  for (const rule of rulesOf(distilled))
    assert.ok(
      !rule.components.some(({ type }) => ['packet-length', 'fragment', 'dscp'].includes(type)),
      printRule(rule),
    )
})

test('a router that does not have the family is the reason for no rule', () => {
  const input = inputOf({ flood: FLOODS.ntp, honest: web })
  const target = parsePrefix('2001:db8::1/128')!
  const to6 = input.attack.map(({ packet }) => ({
    packet: {
      ...packet,
      source: { family: 6 as const, value: packet.source.value },
      target: { family: 6 as const, value: target.value },
    },
    weight: 1,
  }))
  const asked = { ...input, family: 6, target, attack: to6, normal: [] } satisfies DistillInput

  const refused = distill({ ...asked, router: ROUTER_PROFILES.slx })
  assert.equal(distill(asked).kind, 'rules')
  assert.ok(refused.kind === 'inseparable' && refused.reason.includes('IPv6'))
})

test('a rate may take a little more of what is honest than a discard', () => {
  const flood: PacketOf = dice => udp(dice, 123, 123, 76)
  const input = inputOf({ flood, honest: web })
  const limited: DistillInput = { ...input, action: { kind: 'rate-bytes', bytesPerSecond: 1e6, asn: 0 } }

  const distilled = distill(limited)
  assert.equal(distill(input).kind, 'inseparable')
  assert.deepEqual(rulesOf(distilled)[0]?.actions, [limited.action])
  assert.ok(distilled.kind === 'rules' && (distilled.normal?.share ?? 0) < 0.01)
})

test('a rule is as the router can have it: rates in its steps, flags it tests, fragments it knows', () => {
  const rate: DistillInput['action'] = { kind: 'rate-bytes', bytesPerSecond: 3000, asn: 0 }
  const input: DistillInput = { ...inputOf({ flood: FLOODS.dns, honest: web }), router: ROUTER_PROFILES.slx }

  const rules = rulesOf(distill({ ...input, action: rate }))
  assert.ok(rules.length > 0)
  for (const rule of rules) {
    assert.deepEqual(rule.actions, [{ ...rate, bytesPerSecond: 5500 }])
    assert.equal(fit(rule, ROUTER_PROFILES.slx, { allowWider: false }).kind, 'as-is')
  }
})

test('what is inseparable says what comes nearest, and what it would cost', () => {
  const distilled = distill(inputOf({ flood: FLOODS.syn, honest: web }))

  assert.ok(distilled.kind === 'inseparable')
  assert.match(distilled.reason, /tcp-flags .* of the honest traffic as well/)
  assert.equal(distilled.nextAction, 'rate-limit')
  assert.ok(distilled.alternatives.length > 0 && distilled.alternatives.length <= 5)
  assert.equal(distilled.attack.matched, 0)
})

test('an outgoing attack names both ends', () => {
  const source = parsePrefix('10.0.0.7/32')!
  const input = inputOf({ flood: FLOODS.ntp, honest: web, calm: 0 })
  const from = input.attack.map(sample => ({
    ...sample,
    packet: { ...sample.packet, source: { family: 4 as const, value: source.value } },
  }))

  const [rule] = rulesOf(distill({ ...input, attack: from, source }))
  assert.deepEqual(
    rule?.components.filter(isPrefixComponent).map(({ type, prefix }) => [type, prefix]),
    [
      ['destination', input.target],
      ['source', source],
    ],
  )
})

const names = Object.keys(FLOODS) as (keyof typeof FLOODS)[]
const anyInput = fc.record({
  one: fc.constantFrom(...names),
  two: fc.constantFrom(...names),
  part: fc.constantFrom(0.3, 0.8, 1),
  honest: fc.constantFrom(web, resolver),
  seed: fc.integer({ min: 1, max: 1e6 }),
  attack: fc.integer({ min: 20, max: 400 }),
  calm: fc.constantFrom(0, 300, 2000),
  honestShare: fc.constantFrom(0, 0.1, 0.5),
  rulesMax: fc.integer({ min: 1, max: 4 }),
  router: fc.constantFrom(undefined, ROUTER_PROFILES.slx, ROUTER_PROFILES.junos, ROUTER_PROFILES['sr-os']),
  untold: fc.oneof(
    { weight: 2, arbitrary: fc.constant<ComponentType[]>([]) },
    {
      weight: 1,
      arbitrary: fc.subarray([
        'packet-length',
        'tcp-flags',
        'fragment',
        'source-port',
        'destination-port',
        'dscp',
      ] as const),
    },
  ),
})

test('every rule is within bounds: encodes, has the target, fits the router, asks nothing untold; order changes nothing', () => {
  let made = 0
  fc.assert(
    fc.property(anyInput, ({ one, two, part, rulesMax, router, untold, ...mixture }) => {
      const plain = inputOf({ ...mixture, flood: either(FLOODS[one], FLOODS[two], part) })
      const attack = plain.attack.map(sample => ({ ...sample, untold }))
      const input: DistillInput = { ...plain, attack, rulesMax, ...(router === undefined ? {} : { router }) }

      const distilled = distill(input)
      const shuffled = distill({ ...input, attack: attack.toReversed(), normal: input.normal.toReversed() })

      assert.deepEqual(shuffled, distilled)
      const rules = rulesOf(distilled)
      assert.ok(rules.length <= rulesMax)
      made += rules.length
      const elsewhere = attack.map(({ packet }) => ({
        ...packet,
        target: { ...packet.target, value: 0xc0000202n },
      }))
      for (const rule of rules) {
        const bytes = encodeNlri(rule)
        const decoded = decodeNlri(bytes, 4)
        assert.ok(decoded.kind === 'flow' && decoded.next === bytes.length)
        assert.deepEqual(decoded.flow.components, rule.components)
        assert.deepEqual(problemsForGobgpd(rule, { allowOffsets: false }), [])
        assert.ok(rule.components.length > 1, printRule(rule))
        assert.ok(!elsewhere.some(packet => matches(rule, packet)))
        assert.ok(!rule.components.some(({ type }) => untold.some(told => told === type)), printRule(rule))
        if (router !== undefined) assert.equal(fit(rule, router, { allowWider: false }).kind, 'as-is')
      }
    }),
    { numRuns: 80 },
  )
  assert.ok(made > 30, `only ${made} rules were made`)
})
