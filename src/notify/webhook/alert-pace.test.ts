import assert from 'node:assert/strict'
import { test } from 'node:test'
import { until } from '../../../test/until.ts'
import type { Alert } from './alert.ts'
import { AlertPace } from './alert-pace.ts'

const refusal = (host: string): Alert => ({
  ...{
    event_type: 'guardrail.rejected',
    severity: 'warning',
    title: 'Guardrail Rejected',
    source: 'prefixd',
  },
  ...{ message: `refused to act for ${host}`, timestamp: '2030-01-02T03:04:05.000Z', victim_ip: host },
})

function paced(minuteMs = 60_000) {
  const told: Alert[] = []
  const clock = { now: Date.parse('2030-01-02T03:04:05Z') }
  const pace = new AlertPace({ tell: alert => told.push(alert), now: () => clock.now, minuteMs })
  const say = (host: string, why = 'safelist') => pace.tell(`${host} ${why}`, refusal(host))
  const counted = () => [...pace.metrics()].map(({ value }) => value)
  return { pace, told, clock, say, counted }
}

test('the same is told once an hour, something else of the same host at once', () => {
  const { told, clock, say, counted } = paced()

  for (let second = 0; second < 3599; second++) {
    say('192.0.2.1')
    clock.now += 1000
  }
  say('192.0.2.1', 'bans-max')
  clock.now += 1000
  say('192.0.2.1')

  assert.equal(told.length, 3)
  assert.deepEqual(counted(), [3598, 0])
})

test('ten a minute are told one by one, the others in one summary that names no host of its own', async () => {
  const { pace, told, say, counted } = paced(20)
  for (let host = 1; host <= 200; host++) say(`192.0.2.${host}`)
  assert.equal(told.length, 10)

  await until(() => told.length > 10)

  assert.equal(told.length, 11)
  assert.equal(
    told[10]?.message,
    '190 more within a minute, the first of them: refused to act for 192.0.2.11',
  )
  assert.equal(told[10]?.victim_ip, undefined)
  assert.deepEqual(counted(), [0, 190])
  pace.stop()
})

test('a minute later there is room again, and a clock that was put back takes none of it', () => {
  const { pace, told, clock, say } = paced()
  for (let host = 1; host <= 20; host++) say(`192.0.2.${host}`)
  clock.now += 60_000
  say('192.0.2.30')
  clock.now -= 86_400_000
  say('192.0.2.31')

  assert.deepEqual(
    told.slice(10).map(({ victim_ip: victim }) => victim),
    ['192.0.2.30', '192.0.2.31'],
  )
  pace.stop()
})
