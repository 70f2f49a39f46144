import assert from 'node:assert/strict'
import { test } from 'node:test'
import { DocumentShelf } from '#lib/documents.ts'
import { RuleBook } from './rule-book.ts'
import { over, RULE, type RuleRecord } from './rule-record.ts'

const record = (id: string, changes: Partial<RuleRecord> = {}): RuleRecord => ({
  ...{ id, kind: 'filter', target: '192.0.2.1', action: 'discard', reason: 'x', createdAt: 1000 },
  flow: `destination 192.0.2.1/32 protocol =udp source-port =${id.length}`,
  ...{ createdBy: 'uid:0', via: 'api', customer: 'acme', startsAt: 1000, endsAt: 9000, phase: 'live' },
  ...changes,
})

test('rules are found by what they match, however it is written, as long as they are live', async () => {
  const book = new RuleBook(new DocumentShelf())
  const rule = record('a')
  await book.add(rule)

  const other = { ...rule, flow: 'destination 192.0.2.1/32 source-port >=1&<=1 protocol =17' }
  assert.equal(book.like(other)?.id, 'a')
  assert.equal(book.like({ ...rule, kind: 'blackhole' }), undefined)
  await book.put(over(rule, 'withdrawn', { at: 2000, by: 'uid:0' }))
  assert.equal(book.like(other), undefined)
  assert.equal(book.get('a')?.how, 'withdrawn')
})

test('live ones are never forgotten, those that are over oldest first, also on disk', async () => {
  const documents = new DocumentShelf()
  const book = new RuleBook(documents, undefined, { liveMax: 2, endedMax: 2 })
  for (const id of ['a', 'bb', 'ccc']) {
    await book.add(record(id))
    await book.put(over(record(id), 'expired', { at: 2000 }))
  }
  await book.add(record('dddd'))
  await book.add(record('eeeee'))

  assert.deepEqual([...documents.all(RULE).keys()].sort(), ['bb', 'ccc', 'dddd', 'eeeee'])
  assert.equal(book.isFull, true)
  assert.deepEqual(book.usageOf('acme', 1500), { active: 2, newWithinMinute: 5 })
  assert.deepEqual(book.usageOf('acme', 62_000), { active: 2, newWithinMinute: 0 })
  assert.deepEqual(book.usageOf('globex', 1500), { active: 0, newWithinMinute: 0 })
})

test('what an earlier run kept is taken up once, also when it comes late; what cannot be read is left alone', async () => {
  const documents = new DocumentShelf()
  const book = new RuleBook(documents)
  book.load()
  documents.recall(RULE, 'a', JSON.parse(JSON.stringify(record('a'))))
  documents.recall(RULE, 'broken', { id: 'broken', phase: 'odd' })

  book.load()
  book.load()

  assert.deepEqual(
    book.live.map(({ id }) => id),
    ['a'],
  )
  assert.equal(documents.all(RULE).size, 2)
})

test('those that begin or end are asked for each second until they are otherwise, the others in turn', async () => {
  const book = new RuleBook(new DocumentShelf())
  await book.add(record('a', { phase: 'scheduled', startsAt: 3000 }))
  await book.add(record('bb'))
  await book.add(record('ccc', { endsAt: 20_000 }))
  const due = (now: number) => book.due(now).map(({ id }) => id)
  const some = () => book.some(2).map(({ id }) => id)

  assert.deepEqual([due(2000), due(3000), due(3500), due(4000)], [[], ['a'], [], ['a']])
  await book.put(record('a', { endsAt: 30_000 }))
  assert.deepEqual([due(8999), due(9000)], [[], ['bb']])
  await book.put(over(record('bb'), 'expired', { at: 9000 }))
  assert.deepEqual(due(19_999), [])
  assert.deepEqual([...some(), ...some(), ...some()].sort(), ['a', 'a', 'a', 'ccc', 'ccc', 'ccc'])
})
