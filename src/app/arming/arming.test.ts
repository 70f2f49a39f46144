import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Arming } from './arming.ts'

test('the configuration counts until somebody orders otherwise', () => {
  const arming = new Arming(false)
  assert.deepEqual([arming.armed, arming.order], [false, undefined])

  const order = arming.set(true, 'uid:0', 1000)

  assert.equal(arming.armed, true)
  assert.deepEqual(order, { armed: true, who: 'uid:0', at: 1000, fileSaid: false })
})

test('an order outlives a restart with the same configuration', () => {
  const order = new Arming(false).set(true, 'uid:0', 1000)
  const next = new Arming(false)

  next.adopt(JSON.parse(JSON.stringify(order)))

  assert.deepEqual([next.armed, next.order], [true, order])
})

test('who edits the configuration has the last word, at a restart and at a reload', () => {
  const order = new Arming(false).set(true, 'uid:0', 1000)
  const restarted = new Arming(true)
  restarted.adopt({ ...order, armed: false })
  assert.deepEqual([restarted.armed, restarted.order], [true, undefined])

  const running = new Arming(true)
  running.set(false, 'uid:0', 1000)
  running.reconfigure(true)
  assert.equal(running.armed, false)
  running.reconfigure(false)
  running.reconfigure(true)
  assert.deepEqual([running.armed, running.order], [true, undefined])
})

test('what is no order changes nothing', () => {
  const arming = new Arming(false)
  for (const kept of [
    undefined,
    null,
    true,
    { armed: true },
    { armed: true, who: 'root', at: 1, fileSaid: false },
  ]) {
    arming.adopt(kept)
    assert.equal(arming.armed, false)
  }
})

test('an order that came over the network outlives a restart as well', () => {
  for (const who of ['user:ann', 'token:edge', 'certificate:core', 'open'] as const) {
    const order = new Arming(true).set(false, who, 1000)
    const next = new Arming(true)

    next.adopt(JSON.parse(JSON.stringify(order)))

    assert.equal(next.armed, false, who)
  }
})
