import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import type { SettingPath } from '#lib/schema/problem.ts'
import { readYaml } from './read-yaml.ts'

const read = (text: string) => readYaml(text, 'f.yaml')
/** `line:column code message` of each problem. */
const said = (text: string) =>
  read(text).problems.map(({ line, column, code, message }) => `${line}:${column} ${code} ${message}`)
const placeOf = (text: string, path: SettingPath, part: 'key' | 'value' = 'value') => {
  const { line, column } = read(text).locate(path, part)
  return `${line}:${column}`
}

test('an empty file, a comment and a null are an empty tree', () => {
  for (const text of ['', '# nothing\n', '---\n', '~']) {
    assert.deepEqual(read(text).settings, {})
    assert.deepEqual(said(text), [])
  }
})

test('keys and values know where they stand', () => {
  const text = 'capture:\n  workers: 2\n  interfaces: [eth0, eth1]\nnetworks:\n  - 10.0.0.0/8\n'

  assert.equal(placeOf(text, ['capture', 'workers'], 'key'), '2:3')
  assert.equal(placeOf(text, ['capture', 'workers']), '2:12')
  assert.equal(placeOf(text, ['capture', 'interfaces', 1]), '3:22')
  assert.equal(placeOf(text, ['networks', 0]), '5:5')
})

test('what is not written is placed at the nearest section around it', () => {
  const text = 'a: 1\ncapture:\n  workers: 2\n'

  assert.equal(placeOf(text, ['capture', 'fanout']), '3:3')
  assert.equal(placeOf(text, ['detection', 'mode']), '1:1')
})

test('a key that stands twice is named at its second place', () => {
  assert.deepEqual(said('log:\n  level: info\n  format: text\n  level: debug\n'), [
    '4:3 config-duplicate-key the key "level" stands here twice',
  ])
})

test('syntax errors are placed, a tab in the indentation among them', () => {
  assert.deepEqual(said('capture:\n\tworkers: 2\n'), [
    '2:1 config-yaml-syntax Tabs are not allowed as indentation',
  ])
  assert.match(said('a: [1, 2\nb: 3\n')[0] ?? '', /^2:1 config-yaml-syntax Flow sequence/)
  assert.match(said('a:\n  b: 1\n c: 2\n')[0] ?? '', /^3:1 config-yaml-syntax All mapping items/)
})

test('tags, further documents and lists as keys are refused', () => {
  assert.deepEqual(said('a: !secret 1\n'), ['1:4 config-yaml-syntax Unresolved tag: !secret'])
  assert.match(said('a: 1\n---\nb: 2\n')[0] ?? '', /config-yaml-syntax .*multiple documents/)
  assert.deepEqual(said('? [a, b]\n: 1\n'), ['1:3 config-yaml-syntax expected a name as key'])
})

test('a file that is no tree of keys is refused, with a hint when it looks like fastnetmon.conf', () => {
  const [problem] = read('enable_ban = on\nban_time = 5\n').problems

  assert.equal(problem?.message, 'expected keys and values')
  assert.match(problem?.hint ?? '', /fastnetmon\.conf/)
  assert.deepEqual(said('- 1\n- 2\n'), ['1:1 config-yaml-syntax expected keys and values'])
})

test('aliases are followed, but not a hundred times over', () => {
  const bomb =
    'a: &a [x, x]\nb: &b [*a, *a, *a, *a, *a, *a, *a, *a]\nc: &c [*b, *b, *b, *b, *b, *b]\nd: [*c, *c, *c]\n'

  assert.deepEqual(read('a: &x [1]\nb: *x\n').settings, { a: [1], b: [1] })
  assert.deepEqual(said(bomb), ['2:8 config-alias-limit more than 100 aliases (*name)'])
})

test('an alias without an anchor, and one inside its own anchor, are refused', () => {
  assert.deepEqual(said('a: *x\n'), ['1:4 config-yaml-syntax no anchor &x before this alias'])
  assert.ok(said('a: &a\n  b: *a\n').length > 0)
})

test('a key called __proto__ is refused rather than lost', () => {
  assert.deepEqual(said('hostgroups:\n  __proto__: { networks: [10.0.0.0/8] }\n'), [
    '2:3 config-yaml-syntax expected a name as key',
  ])
})

test('nothing that a file says is thrown', () => {
  const piece = fc.constantFrom(
    'a',
    ': ',
    '\n',
    '  ',
    '- ',
    '[',
    ']',
    '{',
    '}',
    '&x ',
    '*x',
    '"',
    "'",
    '!t ',
    '|',
    '\t',
    '#',
    '? ',
  )
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 30 }), pieces => {
      const source = read(pieces.join(''))
      assert.equal(typeof source.settings, 'object')
    }),
  )
})
