import assert from 'node:assert/strict'
import { test } from 'node:test'
import { DDPS_KEYS, readDdpsRule } from './rule.ts'
import { ddpsRule } from './rule-for-tests.ts'

const problemsOf = (value: unknown): readonly string[] => {
  const read = readDdpsRule(value)
  return read.kind === 'problems' ? read.problems : []
}

test('a rule has fourteen keys, and all of them are needed', () => {
  assert.equal(DDPS_KEYS.length, 14)
  assert.deepEqual(readDdpsRule(ddpsRule()), { kind: 'rule', rule: ddpsRule() })
  assert.deepEqual(
    problemsOf({}),
    DDPS_KEYS.map(key => `${key} is missing`),
  )
  for (const key of DDPS_KEYS) {
    const { [key]: _gone, ...rest } = ddpsRule()
    assert.deepEqual(problemsOf(rest), [`${key} is missing`])
  }
})

test('all values are texts', () => {
  for (const key of DDPS_KEYS)
    for (const [value, name] of [
      ...([[80, 'a number'] as const, [null, 'null'] as const, [true, 'a boolean'] as const] as const),
      ...([[['x'], 'a list'] as const, [{}, 'an object'] as const] as const),
    ])
      assert.deepEqual(problemsOf({ ...ddpsRule(), [key]: value }), [`${key} is ${name} and not a text`])
})

test('no text is longer than 128 characters, the description 256', () => {
  for (const key of DDPS_KEYS) {
    const [problem] = problemsOf(ddpsRule({ [key]: 'x'.repeat(key === 'description' ? 257 : 129) }))
    assert.equal(problem, `${key} is longer than ${key === 'description' ? 256 : 128} characters`)
  }
  assert.equal(readDdpsRule(ddpsRule({ description: 'ø'.repeat(256) })).kind, 'rule')
})

test('minutes are whole, 1 to 1440', () => {
  for (const durationminutes of ['1', '10', '1440', '0010'])
    assert.equal(readDdpsRule(ddpsRule({ durationminutes })).kind, 'rule', durationminutes)
  for (const durationminutes of ['', '0', '1441', '1442', '-1', '1.5', '1e2', ' 10', '10 ', 'ten', '00010'])
    assert.match(problemsOf(ddpsRule({ durationminutes }))[0] ?? '', /^durationminutes is not a whole number/)
})

test('prefixes are CIDR, the target’s is needed', () => {
  for (const prefix of [
    '10.0.0.0/33',
    '10.0.0.256/32',
    '10.0.0.5',
    '10.0.0.0/',
    '/24',
    'any',
    '10.0.0.0/24 ',
    '::1',
  ])
    for (const key of ['destinationprefix', 'sourceprefix'])
      assert.match(problemsOf(ddpsRule({ [key]: prefix }))[0] ?? '', /^\w+prefix is no prefix/, prefix)
  assert.match(problemsOf(ddpsRule({ destinationprefix: '' }))[0] ?? '', /^destinationprefix is no prefix/)
  assert.match(problemsOf(ddpsRule({ destinationprefix: '10.0.0.5/24' }))[0] ?? '', /host bits/)
  assert.equal(readDdpsRule(ddpsRule({ destinationprefix: '2001:db8::/64' })).kind, 'rule')
  assert.equal(readDdpsRule(ddpsRule({ sourceprefix: '0.0.0.0/0' })).kind, 'rule')
})

test('keys that are none are named, so that no condition is lost in silence', () => {
  assert.deepEqual(problemsOf({ ...ddpsRule(), srcordestport: '=80' }), [
    '"srcordestport" is no key of a rule',
  ])
  assert.deepEqual(problemsOf({ ...ddpsRule(), DSCP: '=1' }), [
    '"DSCP" is no key of a rule: keys are written in lower case',
  ])
  const many = Object.fromEntries(Array.from({ length: 1000 }, (_, at) => [`k${at}`.padEnd(900, 'x'), '']))
  assert.equal(problemsOf({ ...ddpsRule(), ...many }).length, 8)
  assert.ok(problemsOf({ ...ddpsRule(), ...many }).every(({ length }) => length < 100))
})

test('all faults are told at once, and what is no object is said to be none', () => {
  assert.deepEqual(problemsOf({ ...ddpsRule(), dscp: 5, durationminutes: '1442' }), [
    'durationminutes is not a whole number of minutes from 1 to 1440',
    'dscp is a number and not a text',
  ])
  assert.deepEqual(problemsOf([]), ['the rule is a list and not an object'])
  assert.deepEqual(problemsOf('x'), ['the rule is a string and not an object'])
  assert.deepEqual(problemsOf(null), ['the rule is null and not an object'])
})
