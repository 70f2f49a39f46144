import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type Decision, type DecisionContext, decide, decisionText } from './decide.ts'
import { INSEPARABLE, known, someRules, TOO_FEW } from './distilled-rules-for-tests.ts'
import { CONTEXT, LIMIT_DISCARD_DROP, namedAttack, playbooksFrom } from './playbooks-for-tests.ts'
import { actionsOf } from './wanted.ts'

const ATTACK = namedAttack(['dns-amplification'])
const UNNAMED = namedAttack([])
const RULE =
  'destination 192.0.2.1/32 protocol =udp source-port =53 packet-length >=1000&<=65535 then discard'
const BY_VECTOR =
  'destination 192.0.2.1/32 protocol =udp source-port =53 packet-length >=200&<=65535 then discard'

const DISCARD = playbooksFrom([{ name: 'p', steps: [{ name: 'drop', actions: [{ kind: 'discard' }] }] }])
const decided = (changes: Partial<DecisionContext>, attack = ATTACK): Decision =>
  decide(attack, { ...CONTEXT, playbooks: DISCARD, ...changes })
const rulesIn = (decision: Decision): string[] =>
  actionsOf(decision).map(action => (action.kind === 'filter' ? action.rule : action.kind))

test('a step announces the rules that were distilled, with its own action, and says what they take', () => {
  const discards = decided({ distilling: known(someRules(RULE)) })
  const limits = decided({
    distilling: known(someRules(RULE)),
    playbooks: playbooksFrom([
      { name: 'p', steps: [{ name: 'limit', actions: [{ kind: 'rate-limit', bitsPerSecond: 8_000_000 }] }] },
    ]),
  })

  assert.deepEqual(rulesIn(discards), [RULE])
  assert.deepEqual(rulesIn(limits), [RULE.replace('discard', 'rate 1000000 bytes/s')])
  assert.match(
    decisionText(ATTACK, discards),
    /distilled from its packets: takes 99\.6 % of 1000 packets seen during the attack and 0\.0 % of 500 calm ones/,
  )
})

test('a step may ask for rules by the vector', () => {
  const playbooks = playbooksFrom([
    { name: 'p', steps: [{ name: 'drop', actions: [{ kind: 'discard', rule: 'vector' }] }] },
  ])

  assert.deepEqual(rulesIn(decided({ playbooks, distilling: known(someRules(RULE)) })), [BY_VECTOR])
})

test('rules of one target hold for all prefixes of the attack', () => {
  const prefixes = ['192.0.2.0/26', '192.0.2.64/26']
  const attack = namedAttack(['dns-amplification'], { scope: 'prefix', host: prefixes[0]!, prefixes })
  const bounds = {
    ...{ portsMax: 8, ttlSeconds: { minimum: 1, maximum: 3600 }, addressesMax: 1024 },
    prefixLengths: {
      ...{ host: { ipv4: 32, ipv6: 128 }, network: { ipv4: 24, ipv6: 48 } },
      ...{ rule: { ipv4: 24, ipv6: 64 }, order: { ipv4: 24, ipv6: 48 }, divert: { ipv4: 24, ipv6: 48 } },
    },
  }

  const decision = decided(
    { distilling: known(someRules(RULE), prefixes), rails: { ...CONTEXT.rails, bounds } },
    attack,
  )

  assert.deepEqual(
    rulesIn(decision),
    prefixes.map(prefix => RULE.replace('192.0.2.1/32', prefix)),
  )
})

test('every distilled rule passes the rails by itself', () => {
  const foreign = decided({ distilling: known(someRules(RULE), ['203.0.113.7/32']) })
  const wide = decided({ distilling: known(someRules(RULE), ['192.0.2.0/25']) })

  assert.equal(foreign.kind === 'refused' && foreign.refusals[0]?.rail, 'outside-networks')
  assert.equal(wide.kind === 'refused' && wide.refusals[0]?.rail, 'prefix-length')
})

test('while rules are sought nothing new is begun, and what is held stays', () => {
  const held = [{ kind: 'filter', enforcer: 'gobgp', rule: RULE }] as const

  const opened = decided({ distilling: { kind: 'sought' } })
  const restored = decided({ distilling: { kind: 'late' }, held })

  assert.equal(opened.kind, 'nothing')
  assert.match(
    decisionText(ATTACK, opened),
    /^rules are being sought in its packets; playbook p, step drop: nothing yet/,
  )
  assert.deepEqual(rulesIn(restored), [RULE])
})

test('when they are late, or too few packets were seen, the rules are those of the vector', () => {
  assert.deepEqual(rulesIn(decided({ distilling: { kind: 'late' } })), [BY_VECTOR])
  assert.deepEqual(rulesIn(decided({ distilling: known(TOO_FEW) })), [BY_VECTOR])
  assert.deepEqual(rulesIn(decided({})), [BY_VECTOR])
})

test('what is not named, and of which too few packets were seen, is not discarded', () => {
  const decision = decided({ distilling: known(TOO_FEW) }, UNNAMED)

  assert.equal(decision.kind, 'refused')
  assert.match(decisionText(UNNAMED, decision), /7 of its packets were seen, at least 20 are needed/)
})

test('what nothing tells from honest traffic is not discarded, and the decision says so', () => {
  const decision = decided({ distilling: known(INSEPARABLE) })

  assert.equal(decision.kind, 'refused')
  assert.match(
    decisionText(ATTACK, decision),
    /its packets look like those of the calm; worth trying instead: divert \(rail inseparable\)/,
  )
})

test('it may still be limited by its vector', () => {
  const playbooks = playbooksFrom([LIMIT_DISCARD_DROP])

  const decision = decided({ playbooks, distilling: known(INSEPARABLE) })

  assert.deepEqual(rulesIn(decision), [BY_VECTOR.replace('discard', 'rate 1000000 bytes/s'), 'script'])
})

/** First a discard, then a blackhole after two minutes. */
const DISCARD_DROP = playbooksFrom([
  {
    name: 'p',
    steps: [
      { name: 'drop', actions: [{ kind: 'discard' }, { kind: 'script' }] },
      {
        name: 'hole',
        actions: [{ kind: 'blackhole' }],
        escalateAfter: { seconds: 120, minimumConfidence: 0.7 },
      },
    ],
    deescalate: { belowShare: 0.5, seconds: 60 },
  },
])
const inseparable = { playbooks: DISCARD_DROP, distilling: known(INSEPARABLE) }

test('a step that could only discard it is passed over at once, and not on the way down either', () => {
  const opened = decided({ ...inseparable, confidence: 0.8 })
  const calm = decided({ ...inseparable, ladder: opened.ladder!, nowMs: 1_010_000, speed: 100 })
  const down = decided({ ...inseparable, ladder: calm.ladder!, nowMs: 1_070_000, speed: 100 })
  const quiet = decided({ ...inseparable, ladder: down.ladder!, nowMs: 1_071_000, speed: 100 })
  const back = decided({ ...inseparable, ladder: quiet.ladder!, nowMs: 1_072_000, confidence: 0.8 })

  assert.deepEqual(rulesIn(opened), ['blackhole'])
  assert.match(decisionText(ATTACK, opened), /past step drop to step hole at once: nothing tells the flood/)
  assert.deepEqual(
    [opened, calm, down, quiet, back].map(({ ladder }) => ladder?.step),
    [1, 1, 0, 0, 1],
  )
  assert.deepEqual(rulesIn(quiet), ['script'])
})

test('it stays where the next step asks for more confidence, or the flood is over', () => {
  const unsure = decided({ ...inseparable, confidence: 0.5 })
  const over = decided(inseparable, { ...ATTACK, isOver: false })

  assert.deepEqual(
    [unsure, over].map(({ ladder }) => ladder?.step),
    [0, 0],
  )
  assert.deepEqual(rulesIn(unsure), ['script'])
})

test('a step up that could only discard it is passed over to the one behind it', () => {
  const limited = decided({ playbooks: playbooksFrom([LIMIT_DISCARD_DROP]), distilling: known(INSEPARABLE) })
  const later = decided({
    playbooks: playbooksFrom([LIMIT_DISCARD_DROP]),
    ...{ distilling: known(INSEPARABLE), ladder: limited.ladder!, nowMs: 1_120_000, confidence: 0.9 },
  })

  assert.equal(later.ladder?.step, 2)
  assert.deepEqual(rulesIn(later), ['blackhole'])
})

test('where the step behind it is refused, what was held before stays', () => {
  const playbooks = playbooksFrom([LIMIT_DISCARD_DROP])
  const { announcements: _none, ...without } = CONTEXT
  const context = { ...without, playbooks, distilling: known(INSEPARABLE) }
  const limited = decide(ATTACK, context)
  const later = decide(ATTACK, { ...context, ladder: limited.ladder!, nowMs: 1_120_000, confidence: 0.9 })

  assert.equal(later.ladder?.step, 0)
  assert.deepEqual(rulesIn(later), rulesIn(limited))
})
