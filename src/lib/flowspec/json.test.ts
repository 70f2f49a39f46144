import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { anyRule } from './arbitrary-for-tests.ts'
import { type RuleJson, ruleFromJson, ruleToJson } from './json.ts'

test('a rule survives JSON', () => {
  fc.assert(
    fc.property(anyRule, rule => {
      const json: RuleJson = JSON.parse(JSON.stringify(ruleToJson(rule)))

      assert.deepEqual(ruleFromJson(json), { kind: 'rule', rule })
    }),
  )
})

test('an address that is none and a rule that BGP cannot carry are refused with reasons', () => {
  const bad = ruleFromJson({
    family: 4,
    components: [{ type: 'destination', prefix: '192.0.2.1/24', offset: 0 }],
    actions: [{ kind: 'redirect-ip', address: 'nonsense', isCopy: false }],
  })
  const none = ruleFromJson({ family: 4, components: [], actions: [] })

  assert.ok(bad.kind === 'problems' && bad.problems.length === 2)
  assert.ok(none.kind === 'problems' && none.problems.length === 1)
})
