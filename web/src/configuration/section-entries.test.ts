import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  at,
  entriesOf,
  having,
  linesAt,
  textAt,
  withEntry,
  withMoved,
  withoutEntry,
} from './section-entries.ts'

const INVENTORY = { pops: [{ id: 'vie' }], customers: [{ id: 'a', prefixes: ['192.0.2.0/24'] }, { id: 'b' }] }
const GROUPS = { web: { networks: ['192.0.2.0/25'] }, dns: { networks: [] } }
const keys = (section: 'inventory' | 'playbooks' | 'hostgroups' | 'safelist', value: unknown) =>
  entriesOf(section, value).map(({ key }) => key)

test('each section is a list of entries with keys', () => {
  assert.deepEqual(keys('inventory', INVENTORY), ['a', 'b'])
  assert.deepEqual(keys('hostgroups', GROUPS), ['web', 'dns'])
  assert.deepEqual(keys('playbooks', [{ name: 'x' }, 7]), ['x'])
  assert.deepEqual(keys('safelist', null), [])
  assert.deepEqual(keys('inventory', null), [])
})

test('an entry is put in place of the one before, behind the others, or taken out', () => {
  const renamed = withEntry('inventory', INVENTORY, 'a', { key: 'c', value: { id: 'c' } })
  const added = withEntry('hostgroups', GROUPS, undefined, { key: 'new', value: {} })
  const first = withEntry('safelist', null, undefined, { key: 'p', value: { prefix: 'p' } })

  assert.deepEqual(renamed, { pops: INVENTORY.pops, customers: [{ id: 'c' }, { id: 'b' }] })
  assert.deepEqual(keys('hostgroups', added), ['web', 'dns', 'new'])
  assert.deepEqual(first, [{ prefix: 'p' }])
  assert.deepEqual(withoutEntry('hostgroups', GROUPS, 'web'), { dns: { networks: [] } })
})

test('an entry moves among the others, not beyond them', () => {
  const list = [{ name: 'a' }, { name: 'b' }, { name: 'c' }]

  assert.deepEqual(keys('playbooks', withMoved('playbooks', list, 'b', -1)), ['b', 'a', 'c'])
  assert.deepEqual(keys('playbooks', withMoved('playbooks', list, 'c', 1)), ['a', 'b', 'c'])
})

test('what a form leaves empty is not written', () => {
  const tree = { name: 'x', thresholds: { incoming: { packetsPerSecond: 5 } } }

  assert.deepEqual(having(tree, ['thresholds', 'incoming', 'packetsPerSecond'], undefined), { name: 'x' })
  assert.deepEqual(having({}, ['a', 'b'], 1), { a: { b: 1 } })
  assert.deepEqual(having({ a: 1 }, ['list'], []), { a: 1 })
  assert.equal(textAt(tree, 'thresholds', 'incoming', 'packetsPerSecond'), '5')
  assert.equal(linesAt({ list: ['a', 'b'] }, 'list'), 'a\nb')
  assert.equal(at({ a: 1 }, 'a', 'b'), undefined)
})
