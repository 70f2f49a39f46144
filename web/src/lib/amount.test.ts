import assert from 'node:assert/strict'
import { test } from 'node:test'
import { portsOf, rateOf, secondsOf } from './amount.ts'

test('lengths of time are seconds, or numbers with units', () => {
  const read = ['600', '10m', '1h 30m', '2 d', '1w', ' 5 MIN '].map(secondsOf)
  const wrong = ['', 'x', '10 x', '-5', '1.5h', 'm', '1h30', '9999999999999'].map(secondsOf)

  assert.deepEqual(read, [600, 600, 5400, 172_800, 604_800, 300])
  assert.deepEqual(new Set(wrong), new Set([undefined]))
})

test('rates have a scale and perhaps a unit', () => {
  const read = ['5000000', '5M', '2.5 Gbit/s', '80k packets/s', '1 g', '64 kbps'].map(rateOf)
  const wrong = ['', '0', 'M', '5X', '5 Mbit', '-1', '1e9', '5 M / s'].map(rateOf)

  assert.deepEqual(read, [5e6, 5e6, 2.5e9, 8e4, 1e9, 64e3])
  assert.deepEqual(new Set(wrong), new Set([undefined]))
})

test('ports are numbers, parted by commas, spaces or lines', () => {
  assert.deepEqual(portsOf('53, 123'), [53, 123])
  assert.deepEqual(portsOf(''), [])
  assert.deepEqual([portsOf('65536'), portsOf('http'), portsOf('1-2')], [undefined, undefined, undefined])
})
