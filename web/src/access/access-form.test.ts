import assert from 'node:assert/strict'
import { test } from 'node:test'
import { EXAMPLE_ME, EXAMPLE_USER } from '#api/contract/examples-access.ts'
import { ROUTES } from '#api/contract/routes.ts'
import {
  changedConfinement,
  confinedText,
  confinementOf,
  endOfDay,
  ownHarm,
  passwordProblem,
  roleOf,
} from './access-form.ts'

test('nothing typed is not confined, and taking it away is said', () => {
  const user = { name: 'ann', password: 'long enough', role: roleOf('operator') }
  const confined = { ...user, ...confinementOf('acme, b', '192.0.2.0/24') }

  assert.deepEqual(confinementOf(' ', ''), {})
  assert.ok(ROUTES.addUser.input.safeParse(confined).success)
  assert.deepEqual(changedConfinement('', 'x'), { customers: null, networks: ['x'] })
  assert.ok(ROUTES.changeUser.input.safeParse({ name: 'ann', ...changedConfinement('acme', '') }).success)
  assert.equal(confinedText(confined), 'customers acme, b within networks 192.0.2.0/24')
  assert.equal(confinedText({}), 'everything')
})

test('passwords are typed twice, and long enough', () => {
  assert.equal(passwordProblem('short', ''), 'at least 8 characters')
  assert.equal(passwordProblem('long enough', 'long enougH'), 'the two are not the same')
  assert.equal(passwordProblem('long enough', 'long enough'), undefined)
})

test('one is told when it is about himself', () => {
  assert.equal(ownHarm(EXAMPLE_ME, { name: EXAMPLE_ME.name }), 'This is you.')
  assert.equal(ownHarm({ ...EXAMPLE_ME, kind: 'token' }, { name: EXAMPLE_ME.name }), undefined)
  assert.equal(ownHarm(EXAMPLE_ME, { ...EXAMPLE_USER, name: 'somebody else' }), undefined)
})

test('a token ends at the end of a day', () => {
  const token = { name: 'x', role: 'viewer' as const, expiresAt: endOfDay('2027-01-31') }

  assert.ok(ROUTES.addToken.input.safeParse(token).success)
  assert.equal(endOfDay(''), undefined)
})
