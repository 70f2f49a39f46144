import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ROUTES } from '#api/contract/routes.ts'
import { EMPTY_RULE, MATCHES, readRuleForm } from './rule-form.ts'

const WHOLE = { ...EMPTY_RULE, target: '192.0.2.1' }

test('a whole form is a rule that the contract takes', () => {
  const read = readRuleForm({ ...WHOLE, match: { protocol: '=udp', sourcePort: ' ' } })
  const limited = readRuleForm({ ...WHOLE, action: 'rate-limit', rate: '80k packets/s' })

  assert.deepEqual(read.kind === 'rule' && read.rule, {
    ...{ target: '192.0.2.1', match: { protocol: '=udp' }, action: 'discard', ttlSeconds: 3600 },
  })
  assert.ok(limited.kind === 'rule')
  assert.equal(limited.rule.packetsPerSecond, 80_000)
  for (const made of [read, limited]) {
    assert.ok(made.kind === 'rule')
    assert.ok(ROUTES.previewRule.input.safeParse(made.rule).success)
    assert.ok(ROUTES.addRule.input.safeParse({ ...made.rule, reason: 'x' }).success)
  }
})

test('a text says what it matches, and after then what is done', () => {
  const text = 'destination 192.0.2.1/32 protocol =udp'
  const bare = readRuleForm({ ...EMPTY_RULE, rule: text })
  const whole = readRuleForm({ ...EMPTY_RULE, rule: `${text} then discard` })

  assert.deepEqual(bare.kind === 'rule' && bare.rule, { rule: text, action: 'discard', ttlSeconds: 3600 })
  assert.deepEqual(whole.kind === 'rule' && whole.rule, { rule: `${text} then discard`, ttlSeconds: 3600 })
  for (const made of [bare, whole])
    assert.ok(made.kind === 'rule' && ROUTES.previewRule.input.safeParse(made.rule).success)
})

test('what is typed as an example is what the contract takes', () => {
  for (const [name, , example] of MATCHES.filter(([each]) => !['port', 'flowLabel'].includes(each))) {
    const read = readRuleForm({ ...WHOLE, match: { [name]: example } })
    const rule = read.kind === 'rule' ? read.rule : {}
    const parsed = ROUTES.previewRule.input.safeParse(rule)
    assert.ok(parsed.success, `${name}: ${JSON.stringify(parsed.error?.issues)}`)
  }
})

test('what is missing or wrong is no rule yet', () => {
  const wrong = readRuleForm({ ...WHOLE, action: 'rate-limit', rate: 'much', ttl: 'x' })

  assert.deepEqual(wrong.kind === 'unfinished' && Object.keys(wrong.fields), ['ttl', 'rate'])
  assert.deepEqual(readRuleForm({ ...WHOLE, action: 'rate-limit' }), { kind: 'unfinished', fields: {} })
  assert.deepEqual(readRuleForm(EMPTY_RULE), { kind: 'unfinished', fields: {} })
})
