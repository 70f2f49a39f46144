// Calm traffic of a few clients is not all there is: the ports they happen to have say nothing of the next client's.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { printRule } from '#lib/flowspec/print.ts'
import { distill } from './distill.ts'
import type { Distilled } from './distillation.ts'
import { Dice, inputOf, type PacketOf, udp } from './samples-for-tests.ts'

const LENGTHS = [62, 64, 65, 67, 68, 70, 71, 73, 76, 79, 83, 88] as const

/** Each client has so many sockets, and keeps them. */
function clients(count: number, sockets: number, dice: Dice): PacketOf {
  const ends = Array.from({ length: count * sockets }, (_, at) => ({
    source: { family: 4, value: BigInt(0x05010000 + (at % count)) } as const,
    port: dice.between(32_768, 60_999),
  }))
  return draw => {
    const { source, port } = ends[draw.between(0, ends.length - 1)]!
    return { ...udp(draw, port, 53, draw.pick(LENGTHS)), source }
  }
}

/** Of three lengths more often than of others. */
const questions: PacketOf = dice =>
  udp(dice, dice.between(1024, 65_535), 53, dice.part() < 0.7 ? dice.pick([64, 71, 83]) : dice.pick(LENGTHS))

for (const [count, sockets] of [
  [8, 4],
  [3, 1],
  [40, 1],
] as const) {
  test(`ordinary questions are not told from those of ${count} clients with ${sockets} ports each`, () => {
    for (let seed = 1; seed <= 12; seed++) {
      const dice = new Dice(seed)
      const honest = clients(count, sockets, dice)
      const input = inputOf({ flood: questions, honest, seed, attack: 600, calm: 400, honestShare: 0.02 })
      const legitimate = { udp: [{ from: 53, to: 53 }] }

      const distilled = distill({ ...input, legitimate, vectors: ['udp-flood'] })

      assert.equal(distilled.kind, 'inseparable', `seed ${seed}: ${rulesIn(distilled)}`)
    }
  })
}

const rulesIn = (distilled: Distilled): string =>
  distilled.kind === 'rules' ? distilled.rules.map(({ rule }) => printRule(rule)).join('; ') : ''
