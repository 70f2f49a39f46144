// Sources that send too much: packets, bits, or new connections. They come onto a list, and stay on it while they go on.

import { listedRule } from './address-lists.ts'
import { type Family, type Measure, WORDS } from './draft.ts'

/** Whoever is silent for so long is forgotten; without an end the sets would fill up. */
const METER_SECONDS = 10
const FULL_PACKET_BYTES = 1500

/** One quantity of a source that is held against a threshold. */
interface Threshold {
  /** In names of sets. */
  readonly what: string
  /** `limit rate over …` */
  readonly limit: string
}

export function addSourceLimit(measure: Measure<'source-limit'>): void {
  const { packetsPerSecond, bitsPerSecond, per, ttlSeconds } = measure.parameters
  const thresholds = thresholdsOf(packetsPerSecond, bitsPerSecond)
  if (thresholds.length === 0) measure.refuse('has no threshold: name packetsPerSecond or bitsPerSecond')
  const blocks = measure.families.map(family => blockOf(measure, family, { per, ttlSeconds, thresholds }))
  measure.addChain(blocks.flatMap(({ listed, measured }) => [listed, ...measured]))
}

/** New connections are SYNs: that needs no connection tracking, and holds before a SYN proxy answers. */
export function addConnectionRate(measure: Measure<'connection-rate'>): void {
  const { perSecond, ttlSeconds } = measure.parameters
  const thresholds = thresholdsOf(perSecond, undefined)
  const blocks = measure.families.map(family =>
    blockOf(measure, family, { per: 'source', ttlSeconds, thresholds }),
  )
  measure.addChain([
    ...blocks.map(({ listed }) => listed),
    'ip frag-off & 0x1fff != 0x0 return',
    'exthdr frag exists return',
    'meta l4proto != tcp return',
    'tcp flags & (fin|syn|rst|ack) != syn return',
    ...blocks.flatMap(({ measured }) => measured),
  ])
}

function thresholdsOf(packetsPerSecond: number | undefined, bitsPerSecond: number | undefined): Threshold[] {
  return [
    ...(packetsPerSecond === undefined ? [] : [{ what: 'packets', limit: overPackets(packetsPerSecond) }]),
    ...(bitsPerSecond === undefined ? [] : [{ what: 'bits', limit: overBits(bitsPerSecond) }]),
  ]
}

/** A second's worth passes at once: `burst` always passes, so a smaller one would judge bursts, a larger one floods. */
export const overPackets = (perSecond: number, burstSeconds = 1): string => {
  const rate = Math.max(1, Math.floor(perSecond))
  return `limit rate over ${rate}/second burst ${Math.max(1, Math.floor(rate * burstSeconds))} packets`
}

export const overBits = (perSecond: number, burstSeconds = 1): string => {
  const rate = Math.max(1, Math.floor(perSecond / 8))
  const burst = Math.max(FULL_PACKET_BYTES, Math.floor(rate * burstSeconds))
  return `limit rate over ${rate} bytes/second burst ${burst} bytes`
}

interface Wanted {
  readonly per: 'source' | 'source-and-target'
  readonly ttlSeconds: number
  readonly thresholds: readonly Threshold[]
}

/** Declares the sets of a family; gives the rule for whoever is listed, and those that measure the others. */
function blockOf(measure: Measure, family: Family, { per, ttlSeconds, thresholds }: Wanted) {
  const { type, source, target } = WORDS[family]
  const isPair = per === 'source-and-target'
  const key = isPair ? `${source} . ${target}` : source
  const keyType = isPair ? `${type} . ${type}` : type
  const list = measure.named(`${isPair ? 'pairs' : 'list'}${family}`)
  const size = measure.place.sourcesMax
  measure.draft.addSet({
    ...{ name: list, type: keyType, kind: 'list', elements: [], size, timeoutSeconds: ttlSeconds },
  })
  const full = fullOnce(measure, family)
  const over = measure.named(`over${family}`)
  measure.draft.addChain({
    name: over,
    rules: measure.isMonitor
      ? [measure.verdict]
      : [
          `add @${list} { ${key} timeout ${ttlSeconds}s } ${measure.verdict}`,
          // The list is full: what is above the threshold is dropped all the same, and we tell.
          `${full} ${measure.verdict}`,
        ],
  })
  const measured = thresholds.flatMap(({ what, limit }) => {
    const meter = measure.named(`${what}${family}`)
    measure.draft.addSet({
      ...{ name: meter, type: keyType, kind: 'meter', elements: [], size, timeoutSeconds: METER_SECONDS },
    })
    return [
      `update @${meter} { ${key} ${limit} } goto ${over}`,
      // Whoever is not in it now found it full, and passes unmeasured.
      `${key} != @${meter} ${full}`,
    ]
  })
  return { listed: listedRule(measure, list, key, ttlSeconds), measured }
}

/** Declared with the first family. */
const fullOnce = (measure: Measure, family: Family): string =>
  family === measure.families[0] ? measure.counted('full') : `counter name ${measure.named('full')}`
