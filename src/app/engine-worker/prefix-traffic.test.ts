import assert from 'node:assert/strict'
import { test } from 'node:test'
import { configWith, engineLab, flood } from '../engine-for-tests.ts'
import { PrefixTrafficView } from './prefix-traffic.ts'

const near = (actual: number, expected: number) =>
  assert.ok(Math.abs(actual / expected - 1) < 0.2, `${actual}, not about ${expected}`)

test('what comes to the hosts of each list is added up, and a host counts for every list that holds it', async () => {
  const lab = await engineLab(configWith({ detection: { thresholds: { incoming: {}, outgoing: {} } } }))
  const [one] = flood('10.0.0.1', 1)
  const [two] = flood('10.0.0.2', 1)
  const [six] = flood('2001:db8::3', 1)
  for (let tick = 0; tick < 100; tick++) {
    lab.send(Array<Uint8Array>(50).fill(one!), 60)
    lab.send(Array<Uint8Array>(10).fill(two!), 1500)
    lab.send(Array<Uint8Array>(5).fill(six!), 80)
    lab.tick()
  }
  const view = new PrefixTrafficView(lab.engine)

  const [both, second, sixth, nobody] = view.read([
    ['10.0.0.0/24'],
    ['10.0.0.2', '192.0.2.0/24'],
    ['2001:db8::/64'],
    ['10.0.0.128/25'],
  ])

  near(both!.packets, 600)
  near(both!.bits, (500 * 60 + 100 * 1500) * 8)
  near(second!.packets, 100)
  near(sixth!.packets, 50)
  assert.deepEqual(nobody, { packets: 0, bits: 0 })
  near(view.read([['10.0.0.1']])[0]!.packets, 500)
})
