import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseRule } from '#lib/flowspec/parse.ts'
import { exampleAttack } from '../example.ts'
import { reportOf } from '../report.ts'
import { reportJson, reportSchema } from '../report-json.ts'
import type { Distilled, Share } from './distillation.ts'
import { type ProposedRules, proposedText, ruleTexts } from './proposed-rules.ts'

const share = (value: number): Share => ({ share: value, low: value / 2, high: value, matched: 5, of: 10 })
const parsed = parseRule('destination 192.0.2.1/32 protocol =udp source-port =53 then discard')
assert.equal(parsed.kind, 'parsed')

const RULES: Distilled = {
  kind: 'rules',
  rules: [
    { rule: parsed.value, attack: share(0.98765), normal: share(0), because: ['source-port =53: 99 %'] },
  ],
  ...{ attack: share(0.98765), normal: share(0) },
  alternatives: [{ text: 'protocol =udp', attack: 1, normal: undefined, why: 'too wide' }],
}
const INSEPARABLE: Distilled = {
  ...{ kind: 'inseparable', reason: 'alike', nextAction: 'divert', attack: share(0), alternatives: [] },
}
const proposedOf = (distilled: Distilled, ...targets: string[]): ProposedRules => ({
  ...{ at: Date.UTC(2026, 0, 15), targets: targets.length > 0 ? targets : ['192.0.2.1/32'], distilled },
})

test('each rule is told for each target', () => {
  const texts = ruleTexts(proposedOf(RULES, '192.0.2.0/26', '192.0.2.64/26'))

  assert.deepEqual(texts, [
    'destination 192.0.2.0/26 protocol =udp source-port =53 then discard',
    'destination 192.0.2.64/26 protocol =udp source-port =53 then discard',
  ])
  assert.deepEqual(ruleTexts(proposedOf(INSEPARABLE)), [])
})

test('what is proposed is said in one phrase, whatever it is', () => {
  assert.equal(
    proposedText(proposedOf(RULES, '192.0.2.1/32', '192.0.2.2/32')),
    'destination 192.0.2.1/32 protocol =udp source-port =53 then discard, and the same for 1 more target (takes 98.8 % of 10 packets seen during the attack and 0.0 % of 10 calm ones)',
  )
  assert.equal(proposedText(proposedOf(INSEPARABLE)), 'no rule: alike; worth trying instead: divert')
  assert.equal(
    proposedText(proposedOf({ kind: 'too-few', samples: 3, needed: 20 })),
    'no rule: 3 packets were seen, at least 20 are needed',
  )
})

test('a report has it, and one without is as it was', () => {
  const known = { attack: exampleAttack(), flows: [], packets: [] }
  const results = [RULES, INSEPARABLE, { kind: 'too-few', samples: 3, needed: 20 } as const].map(
    distilled => {
      const json = reportJson(
        reportOf({ ...known, proposed: { ...proposedOf(distilled), before: share(0.5) } }),
      )
      assert.deepEqual(reportSchema.parse(JSON.parse(JSON.stringify(json))), json)
      return json.proposed
    },
  )

  assert.deepEqual(
    results.map(proposed => proposed?.result),
    ['rules', 'inseparable', 'too-few'],
  )
  assert.equal(results[0]?.rules[0]?.attack.share, 0.9877)
  assert.equal(results[1]?.nextAction, 'divert')
  assert.equal('proposed' in reportJson(reportOf(known)), false)
})
