// The shortest list of prefixes that covers exactly what a list covers.

import { bitsOf } from '#lib/ip/address.ts'
import { contains, type Prefix } from '#lib/ip/prefix.ts'

/** Without what lies in another one, neighbours joined where they make up a wider prefix; by rising address. */
export function shortestList(prefixes: readonly Prefix[]): Prefix[] {
  const list: Prefix[] = []
  for (const prefix of prefixes.toSorted(byAddress)) {
    const last = list.at(-1)
    if (last !== undefined && contains(last, prefix)) continue
    list.push(prefix)
    joinLast(list)
  }
  return list
}

const byAddress = (a: Prefix, b: Prefix): number => {
  if (a.family !== b.family) return a.family - b.family
  return a.value < b.value ? -1 : a.value > b.value ? 1 : a.length - b.length
}

/** As long as the last two are the halves of one prefix, they become it. */
function joinLast(list: Prefix[]): void {
  for (;;) {
    const [low, high] = list.slice(-2)
    if (low === undefined || high === undefined || low.family !== high.family || low.length !== high.length)
      return
    const half = 1n << BigInt(bitsOf(low.family) - low.length)
    if ((low.value & half) !== 0n || (low.value | half) !== high.value) return
    list.splice(-2, 2, { family: low.family, value: low.value, length: low.length - 1 })
  }
}
