import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { COLUMNS } from '../engine-worker/columns.ts'
import { pack, UNKNOWN, unpack } from './packed.ts'
import { PackedPoints } from './packed-points.ts'

const HOSTS = 40
const OPTIONS = { hostsMax: HOSTS, stepsAPiece: 5, piecesMax: 3 }
const STEPS = 60

/** The same in plain words: each number by itself, and the pieces of time in the order in which they began. */
class PlainPoints {
  readonly #numbers = new Map<string, number>()
  #pieces: number[] = []

  put(host: number, step: number, values: readonly number[]): void {
    const piece = Math.floor(step / OPTIONS.stepsAPiece)
    if (!this.#pieces.includes(piece)) this.#pieces = [...this.#pieces, piece].slice(-OPTIONS.piecesMax)
    this.#clean()
    for (const [column, value] of values.entries())
      this.#numbers.set(`${host} ${step} ${column}`, pack(value))
  }

  forget(host: number): void {
    for (const key of this.#numbers.keys()) if (key.startsWith(`${host} `)) this.#numbers.delete(key)
  }

  prune(step: number): void {
    this.#pieces = this.#pieces.filter(piece => (piece + 1) * OPTIONS.stepsAPiece > step)
    this.#clean()
  }

  readPacked(host: number, step: number, column: number): number {
    return this.#numbers.get(`${host} ${step} ${column}`) ?? UNKNOWN
  }

  has(host: number): boolean {
    return [...this.#numbers.keys()].some(key => key.startsWith(`${host} `))
  }

  #clean(): void {
    for (const key of this.#numbers.keys())
      if (!this.#pieces.includes(Math.floor(Number(key.split(' ')[1]) / OPTIONS.stepsAPiece)))
        this.#numbers.delete(key)
  }
}

const host = fc.nat({ max: HOSTS - 1 })
const values = fc.array(fc.oneof(fc.double({ min: 0, max: 1e12, noNaN: true }), fc.constant(Number.NaN)), {
  minLength: COLUMNS,
  maxLength: COLUMNS,
})
const act = fc.oneof(
  {
    weight: 20,
    arbitrary: fc.record({ kind: fc.constant('put' as const), host, later: fc.nat({ max: 1 }), values }),
  },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('forget' as const), host }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('prune' as const), before: fc.nat({ max: 12 }) }) },
)

test('shared memory holds of each host what was said of it, whoever comes and is forgotten', () => {
  fc.assert(
    fc.property(fc.array(act, { maxLength: 200 }), acts => {
      const points = new PackedPoints(OPTIONS)
      const plain = new PlainPoints()
      let now = 0

      for (const next of acts)
        if (next.kind === 'put') {
          now = Math.min(STEPS - 1, now + next.later)
          points.put(next.host, now, Float32Array.from(next.values), 0)
          plain.put(next.host, now, [...Float32Array.from(next.values)])
        } else if (next.kind === 'forget') {
          points.forget(next.host)
          plain.forget(next.host)
        } else {
          points.prune(now - next.before)
          plain.prune(now - next.before)
        }

      for (let of = 0; of < HOSTS; of++) {
        assert.equal(points.has(of), plain.has(of))
        const told = points.numbers(of, 3, STEPS - 7)
        for (let at = 0; at < told.length; at++)
          assert.equal(told[at], plain.readPacked(of, 3 + Math.floor(at / COLUMNS), at % COLUMNS))
        const known = [...told].filter((packed, at) => at % COLUMNS === 2 && packed !== UNKNOWN)
        assert.equal(points.highest(of, 3, STEPS - 7, 2), known.length === 0 ? UNKNOWN : Math.max(...known))
        for (let at = 0; at < STEPS * COLUMNS; at++) {
          const [step, column] = [Math.floor(at / COLUMNS), at % COLUMNS]
          assert.equal(points.read(of, step, column), plain.readPacked(of, step, column))
        }
      }
    }),
    { numRuns: 60 },
  )
})

test('a number in 16 bits that is unpacked is packed as it was', () => {
  for (let packed = 0; packed <= UNKNOWN; packed++) assert.equal(pack(Math.fround(unpack(packed))), packed)
})
