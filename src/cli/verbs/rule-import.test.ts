import assert from 'node:assert/strict'
import { test } from 'node:test'
import { EXAMPLE_RULE_MADE } from '#api/contract/examples-resources.ts'
import type { RulesOfFiles } from '../local-verbs.ts'
import { run } from '../run-for-tests.ts'

const RULE = 'destination 192.0.2.1/32 protocol =udp'
const FOUND: RulesOfFiles = {
  rules: [
    { at: 'a.json', rule: `${RULE} then discard`, isWatched: false, seconds: 600, description: 'ntp' },
    { at: 'b.dat:2', rule: RULE, isWatched: true, seconds: 3600, description: 'dns' },
  ],
  problems: [],
}
const WRONG: RulesOfFiles = { ...FOUND, problems: [{ at: 'c.json', problem: 'dscp is missing' }] }
const answering = (found: RulesOfFiles) => ({ verbs: { ruleFiles: async () => found } })

test('rules of files are shown, and made when that is said', async () => {
  const shown = await run('rule import a.json b.dat', answering(FOUND))
  const made = await run('rule import a.json b.dat --apply', answering(FOUND))

  assert.deepEqual([shown.code, shown.asked], [0, []])
  assert.deepEqual(
    shown.out.split('\n').map(line => line.replace(/ {2,}/g, ' | ')),
    [
      'RULE | LASTS | REASON | FROM',
      `${RULE} then discard | 10 min | ntp | a.json`,
      `${RULE} (only watched) | 60 min | dns | b.dat:2`,
      '',
    ],
  )
  assert.match(shown.err, /say --apply/)
  assert.equal(made.code, 0)
  assert.deepEqual(made.asked.slice(1), [
    { rule: `${RULE} then discard`, ttlSeconds: 600, reason: 'ntp' },
    { rule: RULE, ttlSeconds: 3600, reason: 'dns', action: 'monitor' },
  ])
  assert.ok(made.out.includes(EXAMPLE_RULE_MADE.rule.id))
})

test('when something cannot be read nothing is made, unless that is said', async () => {
  const held = await run('rule import c.json --apply', answering(WRONG))
  const skipped = await run('rule import c.json --apply --skip-unreadable --json', answering(WRONG))

  assert.deepEqual([held.code, held.asked], [1, []])
  assert.match(held.err, /^c\.json: dscp is missing\nfloodwarden: nothing was made/)
  assert.deepEqual([skipped.code, skipped.asked.length], [1, 3])
  assert.equal(JSON.parse(skipped.out).rules[0].id, EXAMPLE_RULE_MADE.rule.id)
})

test('when the daemon does not answer the file is named, and the rest is not tried', async () => {
  const refused = await run('rule import a.json --apply', {
    ...answering(FOUND),
    failure: { kind: 'silent', path: '/run/s', timeoutMs: 5000 },
  })

  assert.equal(refused.code, 1)
  assert.match(refused.err, /^a\.json: .*did not answer/)
  assert.doesNotMatch(refused.err, /b\.dat/)
  assert.match(refused.out, /^ID +RULE.*\nnot made .*\nnot made /)
})
