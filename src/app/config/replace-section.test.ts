import assert from 'node:assert/strict'
import { chmodSync, readdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import fc from 'fast-check'
import { parse } from 'yaml'
import { temporaryFolder } from '../../../test/temporary-folder.ts'
import { replaceFile, restoreFile, withSection } from './replace-section.ts'

const TEXT = `# The network of the campus.
networks: [10.0.0.0/8] # all of it

inventory:
  customers:
    # pays well
    - id: acme
      prefixes:
        - 10.1.0.0/16 # new building
        - 10.2.0.0/16
    - id: other
      prefixes: [10.3.0.0/16]
policy:
  bansMax: 7 # careful
`

test('what stays the same keeps its comments, what is new is added, what is gone goes', () => {
  const customers = [
    { id: 'third', prefixes: ['10.9.0.0/16'] },
    { id: 'acme', prefixes: ['10.1.0.0/16', '10.4.0.0/16'], name: 'ACME' },
  ]

  const text = withSection(TEXT, ['inventory'], { customers })

  assert.deepEqual(parse(text), { ...parse(TEXT), inventory: { customers } })
  for (const comment of [
    '# The network of the campus.',
    '# all of it',
    '# pays well',
    '# new building',
    '# careful',
  ])
    assert.ok(text.includes(comment), comment)
  assert.ok(!text.includes('other'))
  assert.ok(text.includes('networks: [10.0.0.0/8] # all of it'))
})

test('a section is made where there is none, and taken out', () => {
  const safelist = [{ prefix: '10.0.0.53/32', reason: 'resolver' }]

  assert.deepEqual(parse(withSection(TEXT, ['policy', 'safelist'], safelist)).policy, {
    bansMax: 7,
    safelist,
  })
  assert.deepEqual(parse(withSection('', ['policy', 'safelist'], safelist)), { policy: { safelist } })
  assert.equal(parse(withSection(TEXT, ['inventory'], undefined)).inventory, undefined)
  assert.throws(() => withSection('a: [', ['b'], 1))
})

test('aliases stay where they say the same, and are written out where they do not', () => {
  const text = 'one: &p [10.0.0.0/8]\nhostgroups:\n  a: {networks: *p}\n  b: {networks: *p}\n'

  const next = withSection(text, ['hostgroups'], {
    a: { networks: ['10.0.0.0/8'] },
    b: { networks: ['10.1.0.0/16'] },
  })

  assert.match(next, /a: \{ ?networks: \*p/)
  assert.deepEqual(parse(next).hostgroups.b, { networks: ['10.1.0.0/16'] })
})

test('whatever is written is what is read afterwards', () => {
  const value = fc.jsonValue({ maxDepth: 3 }).filter(each => each !== null)
  fc.assert(
    fc.property(value, value, (before, after) => {
      const text = withSection('a: 1\n', ['section'], before)

      const next = withSection(text, ['section'], after)

      assert.deepEqual(JSON.parse(JSON.stringify(parse(next).section)), JSON.parse(JSON.stringify(after)))
    }),
    { numRuns: 200 },
  )
})

test('a file is replaced in one step, with its mode, and the one before stays beside it', t => {
  const folder = temporaryFolder(t)
  const file = join(folder, 'floodwarden.yaml')
  writeFileSync(file, 'old')
  chmodSync(file, 0o640)

  const written = replaceFile(file, 'old', 'new')
  const meanwhile = replaceFile(file, 'old', 'newer')
  const now = readFileSync(file, 'utf8')
  restoreFile(file, 'old')

  assert.deepEqual(written, { kind: 'written', backup: `${file}.bak` })
  assert.equal(now, 'new')
  assert.equal(readFileSync(`${file}.bak`, 'utf8'), 'old')
  assert.match(meanwhile.kind === 'failed' ? meanwhile.error : '', /changed meanwhile/)
  assert.equal(readFileSync(file, 'utf8'), 'old')
  assert.equal(statSync(file).mode & 0o777, 0o640)
  assert.deepEqual(readdirSync(folder).toSorted(), ['floodwarden.yaml', 'floodwarden.yaml.bak'])
})

test('links are not followed, and what is not there is not made', t => {
  const folder = temporaryFolder(t)
  const target = join(folder, 'target')
  writeFileSync(target, 'old')
  symlinkSync(target, join(folder, 'link'))

  const link = replaceFile(join(folder, 'link'), 'old', 'new')
  const none = replaceFile(join(folder, 'none'), 'old', 'new')

  assert.match(link.kind === 'failed' ? link.error : '', /link is a link or no file/)
  assert.match(none.kind === 'failed' ? none.error : '', /cannot be written/)
  assert.equal(readFileSync(target, 'utf8'), 'old')
})
