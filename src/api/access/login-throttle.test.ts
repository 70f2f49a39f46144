import assert from 'node:assert/strict'
import { test } from 'node:test'
import { LoginThrottle } from './login-throttle.ts'

const ANN = 'account of ann'
const PAIR = { perSecond: 5 / 60, burst: 5 }

/** Attempts from addresses of their own, as thousands of machines would make them. */
function besieged(attempts = 60) {
  const throttle = new LoginThrottle(() => PAIR)
  const begin = (address: string, isKnown = false, now = 0) =>
    throttle.begin({ account: ANN, address, isKnown }, now)
  for (let at = 0; at < attempts; at++) assert.equal(begin(`bot ${at}`).kind, 'begun')
  return begin
}

test('guessers from everywhere stay slow, and the owner gets in at once from where he was and once from elsewhere', () => {
  const begin = besieged()

  const first = begin('new bot')
  const second = begin('new bot')

  assert.deepEqual([first.kind, second], ['begun', { kind: 'wait', seconds: 600 }])
  for (let at = 0; at < 5; at++) assert.equal(begin('his home', true).kind, 'begun')
  assert.equal(begin('his hotel').kind, 'begun')
})

test('attempts of which no password was looked at do not end a siege', () => {
  const begin = besieged()

  for (let at = 0; at < 100; at++) {
    const attempt = begin(`busy bot ${at}`)
    assert.ok(attempt.kind === 'begun')
    attempt.undo()
    assert.equal(begin(`busy bot ${at}`).kind, 'begun', 'it may be tried again')
  }

  assert.equal(begin('busy bot 0').kind, 'wait')
})

test('a right password during a siege does not end it for others', () => {
  const begin = besieged()

  for (let at = 0; at < 10; at++) {
    const attempt = begin('his hotel')
    assert.ok(attempt.kind === 'begun')
    attempt.succeed()
  }

  begin('last bot')
  assert.equal(begin('last bot').kind, 'wait')
})

test('right passwords count for nothing', () => {
  const throttle = new LoginThrottle(() => PAIR)

  for (let at = 0; at < 200; at++) {
    const attempt = throttle.begin({ account: ANN, address: 'office', isKnown: at > 0 }, 0)
    assert.ok(attempt.kind === 'begun', String(at))
    attempt.succeed()
  }
})
