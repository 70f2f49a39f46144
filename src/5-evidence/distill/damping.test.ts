import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Packet } from '#lib/flowspec/matches.ts'
import { parseRule } from '#lib/flowspec/parse.ts'
import { printFlow } from '#lib/flowspec/print.ts'
import { parsePrefix } from '#lib/ip/prefix.ts'
import { type Damped, damp } from './damping.ts'
import type { Distilled, DistilledRule, DistillInput, DistillSample, Share } from './distillation.ts'

const TARGET = parsePrefix('192.0.2.1/32')!
const NO_SHARE: Share = { share: 0, low: 0, high: 1, matched: 0, of: 0 }

function packets(count: number, changes: Partial<Packet>): DistillSample[] {
  const packet: Packet = {
    ...{ source: { family: 4, value: 1n }, target: { family: 4, value: TARGET.value } },
    ...{ protocol: 17, sourcePort: 40_000, targetPort: 4000, length: 100, dscp: 0, fragment: 0 },
    ...changes,
  }
  return Array.from({ length: count }, () => ({ packet, weight: 1 }))
}
const DNS = packets(1000, { sourcePort: 53 })
const NTP = packets(1000, { sourcePort: 123 })

const inputOf = (attack: readonly DistillSample[], rulesMax = 3): DistillInput => ({
  ...{ family: 4, target: TARGET, attack, normal: [], vectors: [], rulesMax },
  action: { kind: 'discard' },
})

function rules(...texts: string[]): Distilled {
  const made = texts.map((text): DistilledRule => {
    const parsed = parseRule(`destination 192.0.2.1/32 ${text} then discard`)
    assert.equal(parsed.kind, 'parsed')
    return { rule: parsed.value, attack: { ...NO_SHARE, share: 1 }, because: [] }
  })
  return { kind: 'rules', rules: made, attack: { ...NO_SHARE, share: 1 }, alternatives: [] }
}
const INSEPARABLE: Distilled = {
  ...{ kind: 'inseparable', reason: 'alike', nextAction: 'divert', attack: NO_SHARE, alternatives: [] },
}
const TOO_FEW: Distilled = { kind: 'too-few', samples: 3, needed: 20 }
const FROM_53 = rules('source-port =53')
const FROM_123 = rules('source-port =123')

/** One result after the other, five seconds apart. */
function course(...results: (readonly [Distilled, readonly DistillSample[]])[]) {
  let held: Damped | undefined
  return results.map(([fresh, attack], at) => {
    const { damped, before } = damp(held, fresh, inputOf(attack), at * 5000)
    held = damped
    const { distilled, isDoubted } = damped
    const texts =
      distilled.kind === 'rules'
        ? distilled.rules.map(({ rule }) =>
            printFlow(rule).replace('destination 192.0.2.1/32 source-port =', ''),
          )
        : [distilled.kind]
    return { texts, isDoubted, before: before?.share }
  })
}

test('the first result holds, and one after too few packets', () => {
  assert.deepEqual(
    course([TOO_FEW, DNS], [FROM_53, DNS]).map(({ texts }) => texts),
    [['too-few'], ['53']],
  )
})

test('rules that still take the flood stay when others would do as well', () => {
  const [, second] = course([FROM_53, DNS], [rules('packet-length =100'), DNS])

  assert.deepEqual(second, { texts: ['53'], isDoubted: false, before: 1 })
})

test('when the flood changes its vector the rules follow after some rounds, and the old ones stay a while', () => {
  const told = course([FROM_53, DNS], ...Array.from({ length: 20 }, () => [FROM_123, NTP] as const))

  const first = told.findIndex(({ texts }) => texts[0] === '123')
  assert.ok(first > 1 && first < 6, `in round ${first}`)
  assert.deepEqual(told[first - 1], { texts: ['53'], isDoubted: true, before: 0 })
  assert.deepEqual(told[first]?.texts, ['123', '53'])
  assert.deepEqual(told.at(-1)?.texts, ['123'])
})

test('a flood that goes to and fro does not make the rules flap', () => {
  const told = course(
    ...Array.from({ length: 40 }, (_, at) =>
      at % 2 === 0 ? ([FROM_53, DNS] as const) : ([FROM_123, NTP] as const),
    ),
  )

  const changes = told.filter(({ texts }, at) => at > 0 && texts.join() !== told[at - 1]?.texts.join()).length
  assert.ok(changes <= 2, `${changes} changes`)
})

test('rules go only when nothing separates twice in a row and they take less, and come back in the same way', () => {
  const still = course([FROM_53, DNS], [INSEPARABLE, DNS], [INSEPARABLE, DNS])
  const gone = course(
    [FROM_53, DNS],
    [INSEPARABLE, NTP],
    [INSEPARABLE, NTP],
    [FROM_123, NTP],
    [FROM_123, NTP],
  )

  assert.deepEqual(
    still.map(({ texts }) => texts.join()),
    ['53', '53', '53'],
  )
  assert.deepEqual(
    gone.map(({ texts }) => texts.join()),
    ['53', '53', 'inseparable', 'inseparable', '123'],
  )
})

test('too few packets change nothing', () => {
  const told = course([FROM_53, DNS], [TOO_FEW, []], [INSEPARABLE, NTP], [TOO_FEW, []])

  assert.deepEqual(
    told.map(({ texts }) => texts.join()),
    ['53', '53', '53', '53'],
  )
})

test('there are never more rules than the most', () => {
  let held: Damped | undefined
  for (let at = 0; at < 60; at++) {
    const fresh = rules(`source-port =${at % 7}`, `source-port =${(at % 7) + 100}`)
    held = damp(held, fresh, inputOf(packets(200, { sourcePort: at % 7 }), 3), at * 1000).damped
    assert.ok(held.distilled.kind === 'rules' && held.distilled.rules.length <= 3)
  }
})

test('a first result from few packets gives way to what is better at once', () => {
  const [few, more] = [inputOf(DNS.slice(0, 100)), inputOf(NTP)]
  const first = damp(undefined, FROM_53, few, 0, false).damped
  const textOf = ({ distilled }: Damped) =>
    distilled.kind === 'rules' ? distilled.rules.map(({ rule }) => printFlow(rule)).join() : distilled.kind

  assert.equal(first.isDoubted, true)
  assert.match(textOf(damp(first, FROM_123, more, 300).damped), /^[^,]*source-port =123$/)
  assert.equal(textOf(damp(first, INSEPARABLE, more, 300).damped), 'inseparable')
  const kept = damp(first, rules('packet-length =100'), inputOf(DNS), 300).damped
  assert.match(textOf(kept), /source-port =53$/)
  assert.deepEqual([kept.isDoubted, kept.isPreliminary], [false, undefined])
  assert.match(textOf(damp(kept, FROM_123, more, 600).damped), /source-port =53$/)
})
