import assert from 'node:assert/strict'
import { test } from 'node:test'
import { exampleAttack } from '#5-evidence/example.ts'
import type { PastAttack } from '#store/change.ts'
import { AttackBook } from '../attack-book.ts'
import { History } from './history.ts'
import { endOf } from './restore-plan.ts'

function historyOf(isFull = false) {
  const book = new AttackBook()
  const kept: PastAttack[] = []
  const history = new History({
    ...{ book, courses: { kept: () => ({ limits: [], moments: [], leftOut: 0, isWhole: true }) } },
    keep: make => (isFull ? undefined : kept.push(make())),
  })
  return { book, kept, history }
}

test('an attack that is over is kept with its report and what was decided', () => {
  const { book, kept, history } = historyOf()
  const ended = endOf(exampleAttack({ id: 'a', host: '192.0.2.7' }), 'finished', 5000)
  book.opened(exampleAttack({ id: 'a' }), 'ban it', [])
  book.ended(ended)

  history.ended(ended)

  const [past] = kept
  assert.deepEqual([past?.id, past?.host, past?.endedAt], ['a', '192.0.2.7', 5000])
  const report = JSON.parse(JSON.stringify(past?.report))
  assert.equal(report.decision, 'ban it')
  assert.equal(report.attack.id, 'a')
  assert.equal(report.course.isWhole, true)
})

test('an attack that nobody remembers is kept all the same, and nothing is made of one for which there is no room', () => {
  const ended = endOf(exampleAttack({ id: 'a' }), 'operator', 5000)
  const { kept, history } = historyOf()
  history.ended(ended)
  const full = historyOf(true)
  full.book.get = () => assert.fail('no report is made')

  full.history.ended(ended)

  assert.equal(kept.length, 1)
})
