import assert from 'node:assert/strict'
import { test } from 'node:test'
import { paceOf } from './escalation.ts'

test('strict takes half of the time, relaxed twice, and of several customers the one with least patience decides', () => {
  assert.equal(paceOf([]), 1)
  assert.equal(paceOf([{}]), 1)
  assert.equal(paceOf([{ escalation: 'relaxed' }]), 2)
  assert.equal(paceOf([{ escalation: 'relaxed' }, {}]), 1)
  assert.equal(paceOf([{ escalation: 'relaxed' }, { escalation: 'strict' }, { escalation: 'normal' }]), 0.5)
})
