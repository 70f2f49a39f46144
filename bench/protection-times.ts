// Program of the bench `protection`: how long a profile with so many addresses on its blacklist takes to be applied, to be
// found as desired, and to be removed, in the namespace it runs in. `protection-times.ts ENTRIES ROUNDS` prints JSON.

import { Nftables } from '#8-enforcement/nftables/driver.ts'
import { nftProgram } from '#8-enforcement/nftables/nft-program.ts'
import { PLACE } from '#8-enforcement/nftables/place.ts'
import { assert } from '#lib/assert.ts'

const [entries = 0, rounds = 1] = process.argv.slice(2).map(Number)
/** Spread over the address space, each one once. */
const prefixes = Array.from({ length: entries }, (_, at) => {
  const number = (Math.imul(at, 2_654_435_761) >>> 0) | 0x0100_0000
  return `${number >>> 24}.${(number >>> 16) & 255}.${(number >>> 8) & 255}.${number & 255}`
})
const parameters = { blacklist: { prefixes: [...new Set(prefixes)] } }
const desired = [
  {
    profile: { id: 'web', prefixes: ['10.10.10.10'], parameters },
    ...{ isOn: true, modes: { blacklist: 'on' as const } },
  },
]
const driver = new Nftables({ place: PLACE, run: nftProgram(), maySetKernel: false })
const times: Record<'apply' | 'compare' | 'remove', number[]> = { apply: [], compare: [], remove: [] }

// The first round warms the compiler up and is not counted.
for (let round = 0; round <= rounds; round++) {
  const start = performance.now()
  const applied = await driver.apply(desired)
  const held = performance.now()
  const compared = await driver.apply(desired)
  const same = performance.now()
  const removed = await driver.remove()
  const end = performance.now()
  assert(applied.kind === 'done' && applied.isChanged, `applied: ${JSON.stringify(applied)}`)
  assert(compared.kind === 'done' && !compared.isChanged, `compared: ${JSON.stringify(compared)}`)
  assert(removed.kind === 'done' && removed.isChanged, `removed: ${JSON.stringify(removed)}`)
  if (round === 0) continue
  times.apply.push(held - start)
  times.compare.push(same - held)
  times.remove.push(end - same)
}
process.stdout.write(`${JSON.stringify({ entries: parameters.blacklist.prefixes.length, ...times })}\n`)
