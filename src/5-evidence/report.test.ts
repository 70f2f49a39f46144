import assert from 'node:assert/strict'
import { test } from 'node:test'
import { exampleAttack } from './example.ts'
import { rateText, whyOpened } from './report.ts'

test('rates carry their unit and are readable', () => {
  assert.equal(rateText('packets', 999), '999 packets/s')
  assert.equal(rateText('syn-packets', 1_234_567.8), '1,234,567 packets/s')
  assert.equal(rateText('bits', 1_250_060_000), '1,250.1 Mbit/s')
  assert.equal(rateText('udp-bits', 999_000_000_000), '999,000.0 Mbit/s')
  assert.equal(rateText('flows', 3500), '3,500 flows/s')
})

test('the reason of an attack names the number, the limit, its owner and how long it took', () => {
  const crossing = {
    limit: 'udp-bits',
    direction: 'outgoing',
    value: 2_000_000_000,
    threshold: 500_000_000,
    hostgroup: 'dns',
    mode: 'plain',
    overSeconds: 2,
  } as const

  assert.equal(
    whyOpened(exampleAttack({ crossing })),
    'outgoing udp-bits at 2,000.0 Mbit/s went over the limit of hostgroup dns of 500.0 Mbit/s (on average, 2.0 s after the first tick above it)',
  )
})
