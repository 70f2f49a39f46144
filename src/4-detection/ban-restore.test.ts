import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ROW } from '#3-traffic/metric.ts'
import type { OpenAttack } from './attack.ts'
import { type BanSettings, Bans, type Moment } from './ban.ts'
import type { Standing } from './judge.ts'
import { addressFor, limitsWith } from './limits-for-tests.ts'

const WALL = Date.UTC(2026, 0, 15, 12)
const at = (seconds: number): Moment => ({ seconds, wallMs: WALL + seconds * 1000 })
const HOST = 7
const OVER: Standing = { isOver: true, speeds: new Float64Array(32) }
const CALM: Standing = { isOver: false, speeds: new Float64Array(32) }

const VICTIM = addressFor('192.0.2.1')
const SETTINGS: BanSettings = {
  ...{ mode: 'budget', banSeconds: 60, holdSeconds: 10, unbanOnlyIfAttackFinished: true },
}

/** An attack that opened 50 s before the restart at second 0, and lasts 60 s. */
function restored(isOver: boolean): OpenAttack {
  const [limit] = limitsWith({ incoming: { packetsPerSecond: 1000 } }).limits
  const rows = new Float64Array(ROW * 2)
  const crossed = { host: HOST, hostgroup: 'global', limit: limit!, perSecond: 4000, overSeconds: 1 }
  const event = new Bans(SETTINGS).open({ ...crossed, speeds: rows, averages: rows }, VICTIM, at(-50))
  assert.equal(event?.kind, 'opened')
  return { ...event.attack, isOver, lastOverAt: isOver ? WALL : WALL - 30_000 }
}

function endOf(
  settings: Partial<BanSettings>,
  isOver: boolean,
  standing: (seconds: number) => Standing | undefined,
): number | undefined {
  const bans = new Bans({ ...SETTINGS, ...settings })
  bans.restore(restored(isOver), at(0))
  for (let tick = 1; tick < 1000; tick++) {
    const now = at(tick / 10)
    if (standing(now.seconds) !== undefined) bans.rejoin(VICTIM, HOST)
    const events = bans.tick(now, () => standing(now.seconds))
    if (events.some(event => event.kind === 'ended')) return now.seconds
  }
  return undefined
}

test('a restored ban that was calm ends at its time, not a ban time after the restart', () => {
  assert.equal(
    endOf({}, false, () => undefined),
    10,
  )
  assert.equal(
    endOf({ mode: 'plain' }, false, () => undefined),
    10,
  )
})

test('a restored ban is kept beyond its time while its traffic, which comes back later, is over a limit', () => {
  const untilThirty = (seconds: number) => (seconds < 3 ? undefined : seconds < 30 ? OVER : CALM)

  assert.ok(Math.abs((endOf({}, true, untilThirty) ?? 0) - 39.9) < 0.2)
  assert.ok(Math.abs((endOf({ mode: 'plain' }, true, untilThirty) ?? 0) - 30) < 0.2)
})

test('one that was over a limit gets the time to show whether it still is', () => {
  // The average of a flood that goes on needs some seconds from 0; the ban time is over after ten.
  const rising = (seconds: number) => (seconds < 8 ? CALM : OVER)

  assert.equal(endOf({ mode: 'plain', holdSeconds: 12 }, true, rising), undefined)
  assert.equal(
    endOf({ mode: 'plain', holdSeconds: 12 }, true, () => CALM),
    12,
  )
  assert.equal(
    endOf({ unbanOnlyIfAttackFinished: false }, true, () => OVER),
    10,
  )
})

test('a host that has an open attack keeps it', () => {
  const bans = new Bans(SETTINGS)
  bans.openByHand(VICTIM, 'global', undefined, at(0))

  bans.restore(restored(true), at(1))

  assert.equal(bans.all[0]!.origin, 'manual')
  assert.equal(bans.count, 1)
})
