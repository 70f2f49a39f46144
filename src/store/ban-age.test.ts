import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { ageSeconds, type Clocks } from './ban-age.ts'

const NOON = Date.UTC(2026, 0, 15, 12)
const OPENED = { openedAt: NOON, boot: 'a', openedUptimeSeconds: 1000 }
const at = (boot: string, uptimeSeconds: number, seconds: number): Clocks => ({
  boot,
  uptimeSeconds,
  wallMs: NOON + seconds * 1000,
})

test('within a boot the uptime tells, whatever was done to the time of day', () => {
  assert.equal(ageSeconds(OPENED, at('a', 1060, 60), undefined), 60)
  assert.equal(ageSeconds(OPENED, at('a', 1060, -7200), undefined), 60)
  assert.equal(ageSeconds(OPENED, at('a', 1060, 86_400), at('a', 1050, 50)), 60)
})

test('across boots the time of day tells', () => {
  assert.equal(ageSeconds(OPENED, at('b', 30, 300), at('a', 1100, 100)), 300)
  assert.equal(ageSeconds(OPENED, at('b', 30, 300), undefined), 300)
})

test('a clock that was put back while the program ran does not make a ban younger after a reboot', () => {
  // The ban was 500 s old when the clock, put back two hours, said so; then the machine was off for 10 s.
  const alive = at('a', 1500, -6700)

  assert.equal(ageSeconds(OPENED, at('b', 5, -6690), alive), 510)
})

test('a clock that is behind what was seen before a reboot tells nothing', () => {
  assert.equal(ageSeconds(OPENED, at('b', 30, 50), at('a', 1100, 100)), undefined)
  assert.equal(ageSeconds(OPENED, at('b', 30, -50), undefined), undefined)
})

test('no age is negative, and within a boot it is exact', () => {
  const clocks = fc.record({
    boot: fc.constantFrom('a', 'b'),
    uptimeSeconds: fc.nat(1e6),
    wallMs: fc.nat(1e9).map(ms => NOON - 5e8 + ms),
  })
  fc.assert(
    fc.property(clocks, fc.option(clocks, { nil: undefined }), (now, alive) => {
      const age = ageSeconds(OPENED, now, alive)
      assert.ok(age === undefined || age >= 0)
      if (now.boot === 'a') assert.equal(age, Math.max(0, now.uptimeSeconds - 1000))
    }),
  )
})
