import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type EndedAttack, factsOf, type OpenAttack } from '#4-detection/attack.ts'
import { exampleAttack, exampleFlows, examplePackets } from '#5-evidence/example.ts'
import { AttackBook } from './attack-book.ts'

const open = (id: string, openedAt = 0): OpenAttack => exampleAttack({ id, openedAt })

function ended(attack: OpenAttack): EndedAttack {
  return { ...factsOf(attack), state: 'ended', endedAt: attack.openedAt + 1, endedBy: 'finished' }
}

const idsOf = (book: AttackBook, state: 'open' | 'ended' | 'all') =>
  book.list(state).map(({ attack }) => attack.id)

test('an attack is remembered from its opening to after its end', () => {
  const book = new AttackBook()
  const flows = exampleFlows(2)
  book.opened(open('a'), 'because', flows)
  book.updated({ ...open('a'), peak: 99 })
  assert.equal(book.openCount, 1)
  assert.equal(book.evidence('a', examplePackets(3))?.id, 'a')

  book.ended(ended(open('a')))

  const entry = book.get('a')!
  assert.equal(entry.attack.state, 'ended')
  assert.equal(entry.decision, 'because')
  assert.deepEqual(entry.flows, flows)
  assert.equal(entry.packets.length, 3)
  assert.equal(book.openCount, 0)
})

test('lists are newest first, open and ended together or apart', () => {
  const book = new AttackBook()
  for (const [at, id] of ['a', 'b', 'c'].entries()) book.opened(open(id, at), '', [])
  book.ended(ended(open('b', 1)))

  assert.deepEqual(idsOf(book, 'all'), ['c', 'b', 'a'])
  assert.deepEqual(idsOf(book, 'open'), ['c', 'a'])
  assert.deepEqual(idsOf(book, 'ended'), ['b'])
})

test('packets that come when the attack is over are kept too', () => {
  const book = new AttackBook()
  book.opened(open('a'), '', [])
  book.ended(ended(open('a')))

  assert.equal(book.evidence('a', examplePackets(2))?.state, 'ended')
  assert.equal(book.get('a')!.packets.length, 2)
})

test('news of attacks that nobody opened are let go', () => {
  const book = new AttackBook()

  book.updated(open('a'))
  book.ended(ended(open('a')))

  assert.equal(book.evidence('a', examplePackets(1)), undefined)
  assert.deepEqual(book.list('all'), [])
})

test('of ended attacks only the newest are remembered, of open ones all', () => {
  const book = new AttackBook({ endedMax: 3, recordsMax: 100 })
  for (let at = 0; at < 10; at++) book.opened(open(`open ${at}`, at), '', [])
  for (let at = 0; at < 10; at++) {
    book.opened(open(`ended ${at}`, at), '', [])
    book.ended(ended(open(`ended ${at}`, at)))
  }

  assert.equal(idsOf(book, 'open').length, 10)
  assert.deepEqual(idsOf(book, 'ended'), ['ended 9', 'ended 8', 'ended 7'])
  assert.equal(book.get('ended 6'), undefined)
})

test('packets and flows of all attacks together are bounded: the oldest lose theirs, open or not', () => {
  const book = new AttackBook({ endedMax: 100, recordsMax: 50 })
  for (let at = 0; at < 20; at++) {
    book.opened(open(`a${at}`, at), '', exampleFlows(3))
    book.evidence(`a${at}`, examplePackets(7))
    if (at % 3 === 0) book.ended(ended(open(`a${at}`, at)))
  }

  const held = book.list('all').map(({ attack, flows, packets }) => [attack.id, flows.length, packets.length])
  assert.deepEqual(
    held.filter(([, flows, packets]) => flows !== 0 || packets !== 0).map(([id]) => id),
    ['a19', 'a18', 'a17', 'a16', 'a15'],
  )
  assert.equal(held.length, 20)
})

test('an attack that is forgotten makes room for others, and one alone may be too large', () => {
  const book = new AttackBook({ endedMax: 1, recordsMax: 50 })
  for (let at = 0; at < 4; at++) {
    book.opened(open(`a${at}`, at), '', [])
    book.evidence(`a${at}`, examplePackets(20))
    book.ended(ended(open(`a${at}`, at)))
  }
  book.opened(open('b', 9), '', [])
  book.evidence('b', examplePackets(20))
  assert.deepEqual(
    book.list('all').map(({ packets }) => packets.length),
    [20, 20],
  )

  book.evidence('b', examplePackets(60))
  assert.deepEqual(
    book.list('all').map(({ packets }) => packets.length),
    [0, 0],
  )
})
