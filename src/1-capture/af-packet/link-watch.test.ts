import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { judgeLink, type LinkEvent, type LinkSight, type LinkState } from './link-watch.ts'

const UP: LinkSight = { namedIndex: 7, boundIndex: 7, isUp: true, wentDown: false }
const DOWN: LinkSight = { ...UP, isUp: false }
const DELETED: LinkSight = { namedIndex: 0, boundIndex: -1, isUp: false, wentDown: true }
const RETURNED: LinkSight = { namedIndex: 8, boundIndex: -1, isUp: false, wentDown: false }

test('an interface that stays as it is brings no event', () => {
  for (const [state, sight] of [
    ['up', UP],
    ['down', DOWN],
    ['gone', DELETED],
  ] as const) {
    assert.deepEqual(judgeLink(state, sight), { state, events: [], shouldReopen: false })
  }
})

test('an interface goes down and comes up', () => {
  assert.deepEqual(judgeLink('up', { ...DOWN, wentDown: true }).events, ['down'])
  assert.deepEqual(judgeLink('down', UP).events, ['up'])
})

test('a flap between two looks is told, though the state is the same', () => {
  const verdict = judgeLink('up', { ...UP, wentDown: true })

  assert.deepEqual(verdict, { state: 'up', events: ['down', 'up'], shouldReopen: false })
})

test('a deleted interface is gone and there is nothing to reopen yet', () => {
  assert.deepEqual(judgeLink('up', DELETED), { state: 'gone', events: ['gone'], shouldReopen: false })
})

test('an interface deleted and made anew between two looks is gone and reopened', () => {
  assert.deepEqual(judgeLink('up', RETURNED), { state: 'gone', events: ['gone'], shouldReopen: true })
})

test('an interface whose name went to another one is reopened there', () => {
  const verdict = judgeLink('up', { ...UP, namedIndex: 9 })

  assert.deepEqual(verdict, { state: 'gone', events: ['gone'], shouldReopen: true })
})

test('an interface that was renamed is still ours', () => {
  assert.deepEqual(judgeLink('up', { ...UP, namedIndex: 0 }), {
    state: 'up',
    events: [],
    shouldReopen: false,
  })
})

test('an interface comes back, and is up then or later', () => {
  assert.deepEqual(judgeLink('gone', UP), { state: 'up', events: ['back', 'up'], shouldReopen: false })
  assert.deepEqual(judgeLink('gone', DOWN), { state: 'down', events: ['back'], shouldReopen: false })
})

test('the events of any history lead from the first state to the last', () => {
  const after: Record<LinkState, Partial<Record<LinkEvent, LinkState>>> = {
    up: { down: 'down', gone: 'gone' },
    down: { up: 'up', gone: 'gone' },
    gone: { back: 'down' },
  }
  const sight = fc.record({
    namedIndex: fc.integer({ min: 0, max: 2 }),
    boundIndex: fc.constantFrom(-1, 1, 2),
    isUp: fc.boolean(),
    wentDown: fc.boolean(),
  })

  fc.assert(
    fc.property(fc.constantFrom<LinkState>('up', 'down', 'gone'), fc.array(sight), (first, sights) => {
      let state = first
      let told: LinkState | undefined = first
      for (const seen of sights) {
        const verdict = judgeLink(state, seen)
        for (const event of verdict.events) told = told && after[told][event]
        state = verdict.state
        assert.equal(told, state)
      }
    }),
  )
})
