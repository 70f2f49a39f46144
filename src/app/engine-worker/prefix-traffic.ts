// How much comes to lists of prefixes now, each list together: asked once a second where thresholds need it.

import { bitsOf } from '#lib/ip/address.ts'
import { parsePrefix } from '#lib/ip/prefix.ts'
import { PrefixSet } from '#lib/ip/prefix-set.ts'
import type { Engine } from '../engine.ts'
import type { PrefixTraffic } from '../protection/threshold-room.ts'

/** A host with less than this is not looked up. */
const COUNTED_PACKETS = 0.5

export class PrefixTrafficView {
  readonly #engine: Engine
  /** Sets are made once for lists that are asked for again. */
  #key = ''
  #sets: readonly PrefixSet[] = []

  constructor(engine: Engine) {
    this.#engine = engine
  }

  /** In the order of the lists. A host counts for each list that holds it. */
  read(lists: readonly (readonly string[])[]): PrefixTraffic[] {
    const key = JSON.stringify(lists)
    if (key !== this.#key) {
      this.#key = key
      this.#sets = lists.map(texts => new PrefixSet(texts.flatMap(text => parsePrefix(text) ?? [])))
    }
    const { pass, now } = this.#engine
    const nowMs = now.seconds * 1000
    const sums = this.#sets.map(() => ({ packets: 0, bits: 0 }))
    for (let host = 1; host < pass.hosts.bound; host++) {
      if (!pass.hosts.isAttached(host)) continue
      const packets = pass.average(host * 2, 'packets', nowMs)
      if (packets < COUNTED_PACKETS) continue
      const address = pass.address(host)
      const prefix = { ...address, length: bitsOf(address.family) }
      for (const [at, set] of this.#sets.entries()) {
        const sum = sums[at]
        if (sum === undefined || set.covering(prefix) === undefined) continue
        sum.packets += packets
        sum.bits += pass.average(host * 2, 'bytes', nowMs) * 8
      }
    }
    return sums
  }
}
