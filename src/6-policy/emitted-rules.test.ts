// What the distiller emits, whatever it is given: rules that can be sent, that touch the target only, and that the rails take
// or refuse as any other.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { anyInput, OURS_FOR_TESTS, outsideOf } from '#5-evidence/distill/any-input-for-tests.ts'
import { distill } from '#5-evidence/distill/distill.ts'
import type { DistillInput } from '#5-evidence/distill/distillation.ts'
import { actionsKey, matchKey, ruleKey } from '#lib/flowspec/canonical.ts'
import { decodeExtended, encodeActions } from '#lib/flowspec/communities.ts'
import { decodeNlri } from '#lib/flowspec/decode.ts'
import { encodeNlri } from '#lib/flowspec/encode.ts'
import { matches, type Packet } from '#lib/flowspec/matches.ts'
import { parseRule } from '#lib/flowspec/parse.ts'
import { printRule } from '#lib/flowspec/print.ts'
import { fit } from '#lib/flowspec/router-profile/fit.ts'
import { isPrefixComponent, type PrefixType, type Rule } from '#lib/flowspec/rule.ts'
import { problemsForGobgpd, TESTS_EVERY_ROUTER_READS } from '#lib/flowspec/validate.ts'
import { formatPrefix, type Prefix, parsePrefix } from '#lib/ip/prefix.ts'
import { refusalsOf } from './action-rails.ts'
import { type RailLists, type Rails, railPrefixesOf } from './guardrail.ts'

/** The same each time; another seed makes other attacks. */
const SEED = 20_260_301
const INPUTS = 300

interface Emitted {
  readonly input: DistillInput
  readonly rule: Rule
}

const inputs = fc.sample(anyInput, { numRuns: INPUTS, seed: SEED })
const outcomes = inputs.map(input => ({ input, distilled: distill(input) }))
const emitted: readonly Emitted[] = outcomes.flatMap(({ input, distilled }) =>
  distilled.kind === 'rules' ? distilled.rules.map(({ rule }) => ({ input, rule })) : [],
)

const told = ({ input, rule }: Emitted) => `${printRule(rule)} of ${formatPrefix(input.target)}`

test('random attacks give rules often and refusals too, never more rules than are wanted', t => {
  const of = (kind: string) => outcomes.filter(({ distilled }) => distilled.kind === kind).length
  t.diagnostic(`${of('rules')} with ${emitted.length} rules, ${of('inseparable')} inseparable`)

  assert.ok(of('rules') > INPUTS / 4 && of('inseparable') > INPUTS / 20)
  for (const { input, distilled } of outcomes) {
    if (distilled.kind === 'rules')
      assert.ok(distilled.rules.length > 0 && distilled.rules.length <= input.rulesMax)
  }
})

test('each rule encodes to NLRI and communities and back, and to text and back', () => {
  for (const one of emitted) {
    const bytes = encodeNlri(one.rule)
    const decoded = decodeNlri(bytes, one.rule.family)
    const actions = encodeActions(one.rule.actions).extended.map(decodeExtended)
    const parsed = parseRule(printRule(one.rule))

    assert.ok(decoded.kind === 'flow' && decoded.next === bytes.length, told(one))
    assert.equal(matchKey(decoded.flow), matchKey(one.rule))
    assert.equal(
      actionsKey(actions.flatMap(action => (action.kind === 'action' ? [action.action] : []))),
      actionsKey(one.rule.actions),
    )
    assert.ok(parsed.kind === 'parsed' && ruleKey(parsed.value) === ruleKey(one.rule), told(one))
  }
})

test('each rule has the target and the source of the attack, and matches nothing else', () => {
  for (const one of emitted) {
    const { target, source, attack } = one.input
    assert.equal(prefixIn(one.rule, 'destination'), formatPrefix(target), told(one))
    if (source !== undefined) assert.equal(prefixIn(one.rule, 'source'), formatPrefix(source), told(one))
    assert.ok(
      attack.some(({ packet }) => matches(one.rule, packet)),
      `${told(one)} takes some of the flood`,
    )
    for (const { packet } of attack) {
      for (const other of outsideOf(target)) assertMisses(one, { ...packet, target: other })
      for (const other of source === undefined ? [] : outsideOf(source))
        assertMisses(one, { ...packet, source: other })
    }
  }
})

test('no rail refuses a rule where we may act, every router reads it, and the one that enforces takes it as it is', () => {
  for (const one of emitted) {
    assert.deepEqual(refusals(one), [], told(one))
    const { router } = one.input
    const read = { allowOffsets: false, testsMax: TESTS_EVERY_ROUTER_READS }
    assert.deepEqual(problemsForGobgpd(one.rule, read), [], told(one))
    if (router !== undefined)
      assert.equal(fit(one.rule, router, { allowWider: false }).kind, 'as-is', told(one))
  }
})

test('where nobody may act the rails refuse it, whatever else it matches', () => {
  for (const one of emitted) {
    const ours = one.input.source ?? one.input.target
    const around = [ours]
    const refusedBy = (lists: Partial<RailLists>) => refusals(one, lists).map(({ rail }) => rail)

    assert.ok(refusedBy({ networks: [prefix('192.0.2.0/24')] }).includes('outside-networks'), told(one))
    assert.ok(refusedBy({ managementPrefixes: around }).includes('management'), told(one))
    assert.ok(refusedBy({ whitelist: around }).includes('whitelist'), told(one))
    const safelist = [{ prefix: formatPrefix(ours), reason: 'a test' }]
    assert.ok(refusedBy({ safelist }).includes('safelist'), told(one))
    assertKeepsBgp(one, refusedBy({ routers: around }).includes('bgp'))
  }
})

/** A rule that could cut a session of a router of ours is refused. */
function assertKeepsBgp(one: Emitted, isRefused: boolean): void {
  const { target, source } = one.input
  const ends = { target, source: source ?? { family: target.family, value: target.value ^ 256n } }
  const segments = [2, 16, 18, 24, 4].flatMap(tcpFlags =>
    [40, 60, 83, 1500].flatMap(length =>
      [
        { sourcePort: 179, targetPort: 50_000 },
        { sourcePort: 50_000, targetPort: 179 },
      ].map(ports => ({ ...ends, ...ports, protocol: 6, tcpFlags, length, dscp: 48, fragment: 0 })),
    ),
  )
  if (!isRefused) for (const segment of segments) assertMisses(one, segment)
}

const assertMisses = (one: Emitted, packet: Packet): void =>
  assert.equal(matches(one.rule, packet), false, `${told(one)} is about the target alone`)

const prefixIn = ({ components }: Rule, type: PrefixType): string | undefined => {
  const found = components.filter(isPrefixComponent).find(component => component.type === type)
  return found && formatPrefix(found.prefix)
}

function refusals({ rule }: Emitted, lists: Partial<RailLists> = {}) {
  const action = { kind: 'filter', enforcer: 'gobgp', rule: printRule(rule) } as const
  return refusalsOf({ action, bound: 'rule' }, railsWith(lists))
}

const prefix = (text: string): Prefix => parsePrefix(text)!

const railsWith = (lists: Partial<RailLists>): Rails => ({
  ...railPrefixesOf({
    networks: OURS_FOR_TESTS.map(prefix),
    managementPrefixes: [],
    whitelist: [],
    ...lists,
  }),
  targets: new Set(),
  bansWithinMinute: 0,
  bansMax: 10,
  bansPerMinute: 10,
})
