import assert from 'node:assert/strict'
import { mock, test } from 'node:test'
import { DocumentShelf } from '#lib/documents.ts'
import { aroundAll } from './around.ts'
import { Grouping } from './grouping.ts'
import { groupingSchema } from './grouping-config.ts'
import type { Notice } from './notice.ts'
import { AT, noticeAttack } from './notices-for-tests.ts'

/** Time stands still but where a test moves it. */
function grouped(settings: object = {}, documents = new DocumentShelf(), run = 'r1') {
  const told: Notice[] = []
  const config = groupingSchema.parse(settings)
  const now = () => Date.now()
  const grouping = new Grouping({
    ...{
      config: () => config,
      tell: notice => {
        told.push(notice)
        return ['all']
      },
      documents: () => documents,
      now,
      run,
    },
  })
  const words = () => told.map(({ kind, attacks, open }) => `${kind} ${open}/${attacks}`)
  return { grouping, told, words, documents }
}

function clock(t: { after: (done: () => void) => void }) {
  mock.timers.enable({ apis: ['setTimeout', 'Date'], now: AT })
  t.after(() => mock.timers.reset())
  return (seconds: number) => mock.timers.tick(seconds * 1000)
}

test('a carpet of a thousand hosts is one message with few updates and one end', t => {
  const pass = clock(t)
  const { grouping, told, words } = grouped()
  const hosts = Array.from({ length: 1000 }, (_, at) => `192.0.${2 + (at >> 8)}.${at & 255}`)
  for (const [at, target] of hosts.entries()) {
    grouping.opened(noticeAttack(`a-${at}`, { target, network: '192.0.0.0/16' }))
    if (at % 100 === 99) pass(1)
  }
  pass(600)
  for (const at of hosts.keys()) grouping.ended(`a-${at}`)
  pass(60)

  assert.equal(words()[0], 'opened 200/200')
  assert.equal(words()[1], 'updated 1000/1000')
  assert.equal(words().at(-1), 'ended 0/1000')
  assert.ok(told.length <= 4, words().join(', '))
  assert.equal(new Set(told.map(({ group }) => group)).size, 1)
  assert.equal(new Set(told.map(({ id }) => id)).size, told.length)
  assert.equal(told.at(-1)?.around, '192.0.0.0/21')
  assert.equal(told.at(-1)?.listed.length, 50)
  assert.equal(grouping.size, 0)
})

test('customers, directions and networks are never told together, and late attacks are told by themselves', t => {
  const pass = clock(t)
  const { grouping, told } = grouped()
  grouping.opened(noticeAttack('a'))
  grouping.opened(noticeAttack('b', { customer: 'other' }))
  grouping.opened(noticeAttack('c', { direction: 'outgoing' }))
  grouping.opened(noticeAttack('d', { network: '198.51.100.0/24' }))
  pass(61)
  grouping.opened(noticeAttack('e'))
  pass(5)

  assert.deepEqual(
    told.map(({ kind, attacks }) => `${kind} ${attacks}`),
    Array(5).fill('opened 1'),
  )
})

test('what gets worse is told at once, what only changes at growing pauses', t => {
  const pass = clock(t)
  const { grouping, told, words } = grouped()
  grouping.opened(noticeAttack('a', { severity: 'low' }))
  pass(2)
  grouping.changed('a', { packetsPerSecond: 41_000 }, false)
  pass(300)
  assert.deepEqual(words(), ['opened 1/1'])

  grouping.changed('a', { decision: 'more is done' }, true)
  pass(2)
  for (let at = 0; at < 100; at++) {
    grouping.changed('a', { vector: `v${at}` }, false)
    pass(30)
  }

  assert.equal(words()[1], 'escalated 1/1')
  const updates = told.slice(2)
  assert.ok(updates.length >= 5 && updates.length <= 12, String(updates.length))
  const pauses = updates.slice(1).map(({ at }, index) => (at - (updates[index]?.at ?? 0)) / 1000)
  assert.ok((pauses[0] ?? 0) < (pauses[1] ?? 0) && (pauses.at(-1) ?? 0) <= 540, pauses.join())
})

test('one that is more severe and joins makes it worse', t => {
  const pass = clock(t)
  const { grouping, told } = grouped()
  grouping.opened(noticeAttack('a', { severity: 'low' }))
  pass(3)
  grouping.opened(noticeAttack('b', { severity: 'critical', target: '192.0.2.2' }))
  pass(3)

  assert.deepEqual(
    told.map(({ kind, severity }) => `${kind} ${severity}`),
    ['opened low', 'escalated critical'],
  )
})

test('one that is more severe and joins while the end was waiting is told as such', t => {
  const pass = clock(t)
  const { grouping, told } = grouped()
  grouping.opened(noticeAttack('a', { severity: 'low' }))
  pass(3)
  grouping.ended('a')
  pass(1)
  grouping.opened(noticeAttack('b', { severity: 'critical', target: '192.0.2.2' }))
  pass(3)

  assert.deepEqual(
    told.map(({ kind, severity, open }) => `${kind} ${severity} ${open}`),
    ['opened low 1', 'escalated critical 1'],
  )
})

test('what is over before it was told is told, and its end as well', t => {
  const pass = clock(t)
  const { grouping, words } = grouped()
  grouping.opened(noticeAttack('a'))
  grouping.ended('a')
  pass(3)

  assert.deepEqual(words(), ['opened 0/1', 'ended 0/1'])
})

test('a restart goes on with the same groups, and tells the end of those that are over', t => {
  const pass = clock(t)
  const before = grouped()
  before.grouping.opened(noticeAttack('a'))
  before.grouping.opened(noticeAttack('b', { network: '198.51.100.0/24' }))
  pass(3)
  before.grouping.stop()

  const after = grouped({}, before.documents, 'r2')
  after.grouping.adopt([noticeAttack('a'), noticeAttack('untold', { customer: 'other' })])
  after.grouping.ended('a')
  after.grouping.ended('untold')
  pass(3)

  const groups = before.told.map(({ group }) => group)
  assert.deepEqual(
    after.told.map(({ kind, group }) => [kind, group]),
    [
      ['ended', groups[1]],
      ['ended', groups[0]],
    ],
  )
  assert.match(after.told[0]?.why ?? '', /ended while Floodwarden was not running/)
  assert.equal(before.documents.all('notice-group').size, 0)
})

test('what waits when the daemon stops is told', t => {
  clock(t)
  const { grouping, words } = grouped()
  grouping.opened(noticeAttack('a'))
  grouping.stop()

  assert.deepEqual(words(), ['opened 1/1'])
})

test('the smallest prefix around all of them', () => {
  assert.equal(aroundAll(['192.0.2.1', '192.0.2.200']), '192.0.2.0/24')
  assert.equal(aroundAll(['192.0.2.7', '192.0.2.7']), '192.0.2.7')
  assert.equal(aroundAll(['2001:db8::1', '2001:db8:0:1::/64']), '2001:db8::/63')
  assert.equal(aroundAll(['192.0.2.1', '2001:db8::1']), undefined)
  assert.equal(aroundAll(['0.0.0.1', '255.0.0.1']), '0.0.0.0/0')
})
