import assert from 'node:assert/strict'
import { test } from 'node:test'
import { bitsText, bytesText, countText, packetsText, shareText } from './rate-text.ts'

test('rates have three digits, a prefix and their unit', () => {
  const told = [0, 0.25, 7, 999.9, 1000, 12_345, 100_000, 999_950, 1_500_000_000, 2e13].map(bitsText)

  assert.deepEqual(told, [
    ...['0 bit/s', '0.25 bit/s', '7 bit/s', '1 kbit/s', '1 kbit/s', '12.3 kbit/s', '100 kbit/s', '1 Mbit/s'],
    ...['1.5 Gbit/s', '20 Tbit/s'],
  ])
})

test('counts and shares are written the same everywhere', () => {
  assert.deepEqual(
    [packetsText(51_620), bytesText(1_048_576), countText(1_234_567), shareText(0.1234)],
    ['51.6 kpackets/s', '1.05 MB', '1,234,567', '12.3 %'],
  )
})
