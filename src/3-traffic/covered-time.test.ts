import assert from 'node:assert/strict'
import { test } from 'node:test'
import { CountedTo } from './counted-to.ts'
import { CoveredTime } from './covered-time.ts'
import { CONTROL } from './host-tables.ts'

/** A quarter of a second past a full one, at which microseconds of the clock come round. */
const BEGAN_MS = Math.ceil(1.8e15 / 2 ** 32) * (2 ** 32 / 1000) - 250

function worker({ countsRecords = false } = {}) {
  const control = new Int32Array(new SharedArrayBuffer(256))
  const countedTo = new CountedTo(control)
  return {
    source: { tables: { control, ...(countsRecords ? { extras: control } : {}) } },
    /** Counts a block whose last packet came `atMs` after the beginning. */
    counts: (packets: number, atMs: number) => {
      const wallMs = BEGAN_MS + atMs
      countedTo.block(Math.floor(wallMs / 1000), Math.round((wallMs % 1000) * 1e6))
      control[CONTROL.captured]! += packets
    },
    isSilentUntil: (atMs: number) => countedTo.silence(BEGAN_MS + atMs),
  }
}

const near = (told: number, wanted: number) => assert.ok(Math.abs(told - wanted) < 2e-6, `${told}`)

test('packets of a worker that was late are of the time in which they came', () => {
  const late = worker()
  const time = new CoveredTime([late.source])

  const told = [98, 140, 297, 396].map(atMs => {
    late.counts(100, atMs)
    return time.tick(0.1)
  })

  near(told[0]!, 0.1)
  near(told[1]!, 0.042)
  near(told[2]!, 0.157)
  near(told[3]!, 0.099)
})

test('a worker that stands still for some ticks makes them short, and the one in which it goes on long', () => {
  const late = worker()
  const time = new CoveredTime([late.source])
  late.counts(100, 100)
  time.tick(0.1)

  const still = [time.tick(0.1), time.tick(0.1), time.tick(0.1)]
  late.counts(400, 500)
  const goesOn = time.tick(0.1)

  for (const told of still) near(told, 0.01)
  near(goesOn, 0.4)
})

test('who stands still for more than two seconds is not waited for', () => {
  const gone = worker()
  const time = new CoveredTime([gone.source])
  gone.counts(100, 100)
  time.tick(0.5)

  const told = Array.from({ length: 6 }, () => time.tick(0.5))

  for (const short of told.slice(0, 4)) near(short, 0.05)
  near(told[5]!, 0.5)
})

test('a burst does not look faster because nothing came after it', () => {
  const idle = worker()
  const time = new CoveredTime([idle.source])
  idle.isSilentUntil(95)
  time.tick(0.1)

  idle.counts(1000, 105)
  for (const atMs of [130, 155, 180]) idle.isSilentUntil(atMs)
  const burst = time.tick(0.1)
  idle.isSilentUntil(280)
  const silence = time.tick(0.1)

  near(burst, 0.085)
  near(silence, 0.1)
})

test('a burst of an exporter is no faster than its tick, and the sum of ticks is the time that passed', () => {
  const exporters = worker({ countsRecords: true })
  const time = new CoveredTime([exporters.source])
  exporters.isSilentUntil(95)
  time.tick(0.1)

  const told = [120, 140, 300, 460].map((atMs, at) => {
    if (at === 0) exporters.counts(50, atMs)
    else exporters.isSilentUntil(atMs)
    return time.tick(0.1)
  })

  near(told[0]!, 0.1)
  near(told[1]!, 0.02)
  near(told[2]!, 0.1)
  near(told[3]!, 0.145)
})

test('what is known to be counted is never taken back, unless the clock is', () => {
  const one = worker()
  const time = new CoveredTime([one.source])
  one.isSilentUntil(100)
  time.tick(0.1)

  one.counts(1, 98)
  const early = time.tick(0.1)
  one.counts(1, 290)
  const next = time.tick(0.1)
  one.counts(1, 290 - 3_600_000)
  const setBack = time.tick(0.1)
  one.counts(1, 390 - 3_600_000)
  const after = time.tick(0.1)

  assert.equal(early, 0.1)
  near(next, 0.19)
  assert.equal(setBack, 0.1)
  near(after, 0.1)
})

test('of several workers those count that have counted packets, by how many', () => {
  const [first, second, silent] = [worker(), worker(), worker()]
  const time = new CoveredTime([first.source, second.source, silent.source])
  for (const each of [first, second, silent]) each.counts(1, 100)
  time.tick(0.1)

  first.counts(300, 200)
  second.counts(100, 160)
  silent.isSilentUntil(170)

  near(time.tick(0.1), (300 * 0.1 + 100 * 0.06) / 400)
})

test('of the first tick nothing is known, whatever the clock says', () => {
  const first = worker()
  const time = new CoveredTime([first.source])
  // A second after the microseconds of the clock have come round.
  first.counts(100, 1250)

  assert.equal(time.tick(0.1), 0.1)
})

test('without a worker that captures a tick is as long as it was', () => {
  assert.equal(new CoveredTime([]).tick(0.1), 0.1)
  assert.equal(new CoveredTime([worker().source]).tick(0.25), 0.25)
})
