import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { ForeignEvent } from '#4-detection/foreign-event.ts'
import type { GroupRules } from '#6-policy/signal-groups.ts'
import { GroupDesk } from './group-desk.ts'

const RULES: GroupRules = {
  ...{
    isEnabled: true,
    windowSeconds: 300,
    minSources: 2,
    threshold: 0.5,
    usualWeight: 1,
    halfLifeSeconds: 0,
  },
  sources: new Map([['router', { weight: 1, mode: 'corroborating', dimensions: ['pop'], confidences: {} }]]),
}

const event = (host: string, source = 'a'): ForeignEvent => ({
  ...{
    source,
    at: 0,
    action: 'ban',
    host,
    direction: 'incoming',
    vector: 'udp_flood',
    ports: [],
    confidence: 0.9,
  },
})

const deskWith = (bounds: object) =>
  new GroupDesk({ rules: () => RULES, surroundingsOf: () => ({ pop: 'p1' }), now: () => 0, bounds })

test('at its bounds the oldest group is closed, and closed ones are forgotten', () => {
  const desk = deskWith({ open: 2, closed: 1 })

  for (const host of ['192.0.2.1', '192.0.2.2', '192.0.2.3', '192.0.2.4']) desk.admit(event(host), host)

  assert.deepEqual(
    desk
      .list()
      .map(({ host, status }) => `${host} ${status}`)
      .sort(),
    ['192.0.2.2 expired', '192.0.2.3 open', '192.0.2.4 open'],
  )
  assert.deepEqual([desk.counts.dropped, desk.counts.expired], [2, 2])
})

test('signals of a group and corroborators that wait have a bound', () => {
  const desk = deskWith({ signals: 3, waiting: 2 })
  for (let told = 0; told < 3; told++)
    desk.corroborate({ source: 'router', about: { pop: 'p9' }, confidence: 1 })
  for (let told = 0; told < 5; told++) desk.admit(event('192.0.2.1'), `e${told}`)

  assert.equal(desk.waiting.length, 2)
  assert.equal(desk.list()[0]?.signals.length, 3)
  assert.equal(desk.counts.dropped, 1 + 2)
})

test('who repeats himself until a group is full silences nobody else', () => {
  const desk = deskWith({ signals: 3 })
  for (let told = 0; told < 9; told++) desk.admit(event('192.0.2.1'), `e${told}`)

  const second = desk.admit(event('192.0.2.1', 'b'), 'second')

  const [group] = desk.list()
  assert.deepEqual(
    group?.signals.map(({ source }) => source),
    ['a', 'a', 'b'],
  )
  assert.deepEqual(second, {
    kind: 'go',
    agreed: {
      ...{ groupId: group.id, confidence: group.verdict.confidence, sources: ['a', 'b'] },
      explanation: group.verdict.explanation,
    },
  })
})

test('of the source that said most the least sure signal goes, and of many sources the newest', () => {
  const desk = deskWith({ signals: 2 })
  for (const confidence of [0.2, 0.9, 0.1])
    desk.admit({ ...event('192.0.2.1'), confidence }, String(confidence))
  for (const source of ['a', 'b', 'c']) desk.admit(event('192.0.2.2', source), source)

  const idsOf = (host: string) =>
    desk
      .list()
      .find(group => group.host === host)
      ?.signals.map(({ id }) => id)
  assert.deepEqual(idsOf('192.0.2.1'), ['0.2', '0.9'])
  assert.deepEqual(idsOf('192.0.2.2'), ['a', 'b'])
})
