import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Random } from '../../lab/random.ts'
import { halfOctave, LoadBands, limitFactor, weighed } from './prefix-law.ts'

const bandsOf = (loads: Iterable<number>): LoadBands => {
  const bands = new LoadBands()
  for (const load of loads) if (load > 0) bands.add(load, load * 100)
  return bands
}
const sum = (loads: readonly number[]) => loads.reduce((total, load) => total + load, 0)

const random = new Random(7)
const unit = () => ((random.next() >>> 0) + 0.5) / 2 ** 32
const normal = () => Math.sqrt(-2 * Math.log(unit())) * Math.cos(2 * Math.PI * unit())

/** How many of so many packets each host gets when they are dealt out at random. */
function dealt(hosts: number, packets: number): number[] {
  const loads = Array.from({ length: hosts }, () => 0)
  for (let packet = 0; packet < packets; packet++) loads[Math.floor(unit() * hosts)]! += 1
  return loads
}

const logNormal = (hosts: number, deviation: number) =>
  Array.from({ length: hosts }, () => Math.exp(4 + deviation * normal()))
const zipf = (hosts: number) => Array.from({ length: hosts }, (_, rank) => 40_000 / (rank + 1))

test('a carpet is even, however few packets each host gets', () => {
  for (const [hosts, packets] of [
    [256, 768_000],
    [4096, 400_000],
    [65_536, 400_000],
    [65_536, 131_072],
  ] as const) {
    const loads = dealt(hosts, packets)

    const { packets: even, bytes } = bandsOf(loads).even()

    assert.ok(even > 0.7 * packets, `${even} of ${packets} on ${hosts} hosts`)
    assert.equal(bytes, even * 100)
  }
})

test('honest loads are uneven: no band has most of them', () => {
  for (const loads of [zipf(4096), logNormal(4096, 1.5), logNormal(65_536, 2), logNormal(4096, 2.5)]) {
    assert.deepEqual(bandsOf(loads).even(), { packets: 0, bytes: 0 })
  }
})

test('a carpet over honest traffic is seen by its part, as long as that is most of the load', () => {
  const carpet = dealt(4096, 800_000)
  const honest = zipf(4096)
  const both = carpet.map((load, at) => load + honest[at]!)

  const { packets } = bandsOf(both).even()

  assert.ok(packets > 700_000 && packets < sum(both))
})

test('fewer than 16 hosts are no carpet, and are judged each for itself', () => {
  const fifteen = Array.from({ length: 15 }, () => 10_000)

  assert.equal(bandsOf(fifteen).even().packets, 0)
  assert.equal(bandsOf([...fifteen, 10_000]).even().packets, 160_000)
})

test('hosts that nobody can tell apart pass for even', () => {
  const bands = bandsOf(zipf(1000))
  bands.addUnlisted(bands.packets * 2, 5)

  assert.ok(bands.even().packets > bands.packets * 0.66)
})

test('bands of several prefixes add up', () => {
  const whole = new LoadBands()
  for (const part of [dealt(128, 100_000), dealt(128, 100_000)]) whole.addAll(bandsOf(part))

  assert.ok(whole.even().packets > 190_000)
  assert.equal(whole.packets, 200_000)
})

test('what is answered weighs a sixteenth, unless most of it is SYN', () => {
  assert.equal(weighed(1600, 0, 0), 1600)
  assert.equal(weighed(1600, 0, 399), 1600)
  assert.equal(weighed(1600, 0, 400), 100)
  assert.equal(weighed(1600, 800, 1600), 100)
  assert.equal(weighed(1600, 801, 1600), 1600)
})

test('the limit is twice that of a host, and grows with the square root of the known hosts', () => {
  assert.deepEqual([0, 1, 256, 1024, 4096, 65_536].map(limitFactor), [2, 2, 2, 4, 8, 32])
})

test('a bucket is half an octave, from a sixteenth of a packet on', () => {
  for (let half = 0; half < 64; half++) {
    const least = 2 ** (half / 2 - 4)
    assert.equal(halfOctave(least * 1.0001), half)
    assert.equal(halfOctave(least * 1.41), half)
  }
  assert.deepEqual([0, 1 / 17, 1 / 16, 1, 2, 2 ** 28, 2 ** 40].map(halfOctave), [0, 0, 0, 8, 10, 63, 63])
})
