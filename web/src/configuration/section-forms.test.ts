import assert from 'node:assert/strict'
import { test } from 'node:test'
import { NEW_STEP, otherActions, stepsOf, withSteps } from './playbook-steps.ts'
import { fieldText, isTicked, keyed, SECTION_FORMS, withField, withTick } from './section-forms.ts'

const field = (section: keyof typeof SECTION_FORMS, label: string) =>
  SECTION_FORMS[section].fields.find(each => each.label === label)!
const cells = (section: keyof typeof SECTION_FORMS, key: string, value: object) =>
  SECTION_FORMS[section].columns.map(({ text }) => text({ key, value: value as never }))

test('fields are read and written at their places, and what is empty is left out', () => {
  const prefixes = field('inventory', 'Prefixes')
  const limit = field('hostgroups', 'Limit incoming, packets/s')
  const tree = withField({ name: 'x' }, prefixes, '192.0.2.0/24\n\n198.51.100.0/24 ')

  assert.deepEqual(tree, { name: 'x', prefixes: ['192.0.2.0/24', '198.51.100.0/24'] })
  assert.equal(fieldText(tree, prefixes), '192.0.2.0/24\n198.51.100.0/24')
  assert.deepEqual(withField({}, limit, '5000'), { thresholds: { incoming: { packetsPerSecond: 5000 } } })
  assert.deepEqual(withField({}, limit, 'many'), { thresholds: { incoming: { packetsPerSecond: 'many' } } })
  assert.deepEqual(withField(withField({}, limit, '5'), limit, ''), {})
})

test('a tick is written where it is not as it would be anyway', () => {
  const judged = field('hostgroups', 'Its hosts are judged')

  assert.equal(isTicked({}, judged), true)
  assert.deepEqual(withTick({}, judged, false), { enableBan: false })
  assert.deepEqual(withTick({ enableBan: false }, judged, true), {})
})

test('the key stands where the section has it', () => {
  assert.deepEqual(keyed(SECTION_FORMS.inventory, 'new', { id: 'old', name: 'x' }), {
    ...{ key: 'new', value: { id: 'new', name: 'x' } },
  })
  assert.deepEqual(keyed(SECTION_FORMS.hostgroups, 'new', { networks: [] }), {
    key: 'new',
    value: { networks: [] },
  })
})

test('entries are told in a row', () => {
  const steps = [{ name: 'limit' }, { name: 'drop' }]

  assert.deepEqual(cells('playbooks', 'udp', { steps }), ['udp', 'whatever it is', '', 'limit → drop', ''])
  assert.deepEqual(
    cells('hostgroups', 'web', { networks: ['a', 'b'], thresholds: { incoming: { packetsPerSecond: 5 } } }),
    ['web', 'a, b', '5 packets/s', 'inherited', 'yes'],
  )
  assert.deepEqual(cells('inventory', 'c', { services: [{}] }), ['c', '', '', '', '1', '0'])
  assert.deepEqual(cells('safelist', 'p', {}), ['p', '', 'for ever'])
})

test('steps are edited, and what the form does not know is kept', () => {
  const playbook = {
    name: 'udp',
    steps: [
      {
        name: 'limit',
        actions: [{ kind: 'rate-limit', bitsPerSecond: 5, rule: 'vector' }, { kind: 'script' }],
      },
      { name: 'drop', actions: [{ kind: 'discard' }], escalateAfter: { seconds: 9, minimumConfidence: 0.9 } },
    ],
  }
  const rows = stepsOf(playbook)
  const [limit, drop] = rows

  assert.deepEqual(withSteps(playbook, rows), playbook)
  assert.deepEqual(rows.map(otherActions), [1, 0])
  assert.deepEqual(withSteps(playbook, [{ ...limit!, rate: '7', ttl: '60' }])['steps'], [
    {
      ...{ name: 'limit', ttlSeconds: 60 },
      actions: [{ kind: 'rate-limit', bitsPerSecond: 7, rule: 'vector' }, { kind: 'script' }],
    },
  ])
  assert.deepEqual(
    withSteps({}, [
      { ...drop!, kind: 'blackhole' },
      { ...NEW_STEP, name: 'x', after: 'soon' },
    ])['steps'],
    [
      { name: 'drop', actions: [{ kind: 'blackhole' }] },
      {
        name: 'x',
        actions: [{ kind: 'rate-limit', bitsPerSecond: 5_000_000 }],
        escalateAfter: { seconds: 'soon' },
      },
    ],
  )
})
