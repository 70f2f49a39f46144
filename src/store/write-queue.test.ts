import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { exampleAttack } from '#5-evidence/example.ts'
import type { AuditEntry } from '#7-mitigation/audit.ts'
import type { Change } from './change.ts'
import { WriteQueue } from './write-queue.ts'

const opened = (id: string, peak = 0): Extract<Change, { kind: 'attack' }> => ({
  kind: 'attack',
  attack: exampleAttack({ id, peak }),
  openedUptimeSeconds: 0,
})
const gone = (id: string) => ({ kind: 'attack-gone', id }) as const
const entry = (at: number): AuditEntry => ({
  ...{ at, who: 'floodwarden', what: 'announce', target: '192.0.2.1', attackId: 'a' },
  ...{ mitigationId: undefined, outcome: 'done', reason: '' },
})
const told = (changes: readonly Change[]) =>
  changes.map(change => {
    if (change.kind === 'attack') return `${change.attack.id}:${change.attack.peak}`
    return change.kind === 'attack-gone' ? `-${change.id}` : change.kind
  })

test('of each thing only the latest state waits', () => {
  const queue = new WriteQueue()
  for (let peak = 0; peak < 1000; peak++) queue.put(opened('a', peak))
  queue.put(opened('b'))

  assert.equal(queue.size, 2)
  assert.deepEqual(told(queue.take(10)), ['a:999', 'b:0'])
})

test('what never came to the disk is not deleted from it, what did is', () => {
  const queue = new WriteQueue()
  queue.put(opened('a'))
  queue.put(gone('a'))
  assert.equal(queue.size, 0)

  queue.put(opened('b'))
  queue.take(10)
  queue.put(gone('b'))
  queue.written()
  assert.deepEqual(told(queue.take(10)), ['-b'])
  queue.written()
  queue.put(gone('b'))
  assert.equal(queue.size, 0)

  queue.found(['c'], [])
  queue.put(gone('c'))
  assert.deepEqual(told(queue.take(10)), ['-c'])
})

test('what failed waits again in its place, unless something newer waits', () => {
  const queue = new WriteQueue()
  queue.put(opened('a', 1))
  queue.put(opened('b', 1))
  queue.record(entry(1))
  queue.take(10)
  queue.put(opened('c', 1))
  queue.put(opened('a', 2))
  queue.record(entry(2))

  queue.failed()

  const changes = queue.take(10)
  assert.deepEqual(told(changes), ['a:2', 'b:1', 'c:1', 'audit', 'audit'])
  const entries = changes.flatMap(change => (change.kind === 'audit' ? [change.entry.at] : []))
  assert.deepEqual(entries, [1, 2])
})

test('too many audit entries drop the oldest and are counted', () => {
  const queue = new WriteQueue({ audit: 2 })
  for (const at of [1, 2, 3]) queue.record(entry(at))

  const changes = queue.take(10)

  assert.deepEqual(
    changes.flatMap(change => (change.kind === 'audit' ? [change.entry.at] : [])),
    [2, 3],
  )
  assert.equal(queue.droppedEntries, 1)
})

test('a batch is never larger than asked for, and nothing is lost between batches', () => {
  const queue = new WriteQueue()
  for (let at = 0; at < 7; at++) queue.put(opened(`${at}`))
  for (let at = 0; at < 4; at++) queue.record(entry(at))

  const sizes: number[] = []
  while (queue.size > 0) {
    sizes.push(queue.take(3).length)
    queue.written()
  }

  assert.deepEqual(sizes, [3, 3, 3, 2])
})

test('whatever happens to writes, the disk ends up with what is held, and memory stays bounded', () => {
  const step = fc.record({
    what: fc.constantFrom('put', 'gone', 'take-written', 'take-failed', 'take', 'land'),
    id: fc.nat(8).map(String),
    peak: fc.nat(1000),
  })
  fc.assert(
    fc.property(fc.array(step, { maxLength: 200 }), steps => {
      const queue = new WriteQueue()
      const live = new Map<string, number>()
      const disk = new Map<string, number>()
      let flying: Change[] | undefined
      const land = (isWritten: boolean) => {
        if (flying === undefined) return
        if (isWritten) {
          for (const change of flying) {
            if (change.kind === 'attack') disk.set(change.attack.id, change.attack.peak)
            else if (change.kind === 'attack-gone') disk.delete(change.id)
          }
          queue.written()
        } else queue.failed()
        flying = undefined
      }
      for (const { what, id, peak } of steps) {
        if (what === 'put') {
          live.set(id, peak)
          queue.put(opened(id, peak))
        } else if (what === 'gone') {
          live.delete(id)
          queue.put(gone(id))
        } else if (what === 'land') land(true)
        else if (flying === undefined) {
          flying = queue.take(3)
          if (what !== 'take') land(what === 'take-written')
        }
        assert.ok(queue.size <= 9 * 2)
      }
      land(false)
      while (queue.size > 0) {
        flying = queue.take(3)
        land(true)
      }
      assert.deepEqual(disk, live)
    }),
  )
})

test('what is kept once takes up its room once, however often it is said', () => {
  const queue = new WriteQueue({ pastAttacks: 2 })
  const past = (id: string) =>
    ({ kind: 'past-attack', attack: { id, host: '192.0.2.1', openedAt: 0, endedAt: 1, report: {} } }) as const

  for (let again = 0; again < 5; again++) queue.put(past('a'))
  queue.take(10)
  queue.put(past('a'))
  queue.written()

  assert.deepEqual([queue.put(past('b')), queue.put(past('c')), queue.put(past('d'))], [true, true, false])
  assert.equal(queue.droppedPastAttacks, 1)
})

test('who waits for a change hears once, when it is on disk, also if the first write of it failed', () => {
  const queue = new WriteQueue()
  const heard: string[] = []
  const about = { source: '', externalId: '', receivedAt: 0, host: '', outcome: '', attackId: '', report: {} }
  for (const id of ['a', 'b'])
    queue.put({ kind: 'event', event: { ...about, id } }, () => {
      heard.push(id)
    })

  queue.take(1)
  queue.failed()
  assert.deepEqual(heard, [])
  queue.take(1)
  queue.written()
  assert.deepEqual(heard, ['a'])
  queue.take(9)
  queue.written()
  queue.written()

  assert.deepEqual(heard, ['a', 'b'])
})
