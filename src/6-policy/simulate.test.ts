import assert from 'node:assert/strict'
import { test } from 'node:test'
import { CONTEXT, inventoryFrom, namedAttack, playbooksFrom } from './playbooks-for-tests.ts'
import { simulate } from './simulate.ts'
import { actionsOf } from './wanted.ts'

const ATTACK = namedAttack(['udp-flood'])

const told = (moments: ReturnType<typeof simulate>) =>
  moments.map(({ atSeconds, decision }) => [
    atSeconds,
    decision.kind,
    ...actionsOf(decision).map(({ kind }) => kind),
  ])

test('an attack that lasts goes up its ladder, step by step', () => {
  assert.deepEqual(told(simulate(ATTACK, CONTEXT, { seconds: 600 })), [
    [0, 'act', 'filter', 'script'],
    [120, 'act', 'filter'],
    [180, 'act', 'blackhole'],
  ])
})

test('against a strict customer it goes up in half of the time, against a relaxed one in twice', () => {
  const times = (escalation: string) => {
    const inventory = inventoryFrom({ customers: [{ id: 'acme', prefixes: ['192.0.2.0/24'], escalation }] })
    return simulate(ATTACK, { ...CONTEXT, inventory }, { seconds: 600 }).map(({ atSeconds }) => atSeconds)
  }

  assert.deepEqual(times('strict'), [0, 60, 90])
  assert.deepEqual(times('normal'), [0, 120, 180])
  assert.deepEqual(times('relaxed'), [0, 240, 360])
})

test('one whose traffic ends goes down again', () => {
  assert.deepEqual(told(simulate(ATTACK, CONTEXT, { seconds: 600, calmAfterSeconds: 150 })), [
    [0, 'act', 'filter', 'script'],
    [120, 'act', 'filter'],
    [210, 'act', 'filter', 'script'],
  ])
})

test('a refusal is told once, with its rail', () => {
  const outside = namedAttack(['udp-flood'], { host: '198.51.100.1', prefixes: ['198.51.100.1/32'] })

  const [only, ...more] = simulate(outside, CONTEXT, { seconds: 60 })

  assert.deepEqual([only?.decision.kind, more], ['refused', []])
})

test('what no playbook answers is answered by the built-in one, as long as it lasts', () => {
  const other = playbooksFrom([
    { name: 'p', match: { vectors: ['syn_flood'] }, steps: [{ name: 's', actions: [{ kind: 'discard' }] }] },
  ])

  assert.deepEqual(told(simulate(ATTACK, { ...CONTEXT, playbooks: other }, { seconds: 60 })), [
    [0, 'act', 'script', 'blackhole'],
  ])
})
