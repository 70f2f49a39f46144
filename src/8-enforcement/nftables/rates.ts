// Rates of a profile as a whole, of each of its targets, and of fragments.

import { type Measure, WORDS } from './draft.ts'
import { overBits, overPackets } from './source-rates.ts'

/** What passes at once. */
const BURST_SECONDS = 0.1
const METER_SECONDS = 10

interface Rates {
  readonly packetsPerSecond?: number
  readonly bitsPerSecond?: number
}

const limitsOf = ({ packetsPerSecond, bitsPerSecond }: Rates) => [
  ...(packetsPerSecond === undefined
    ? []
    : [{ what: 'packets', limit: overPackets(packetsPerSecond, BURST_SECONDS) }]),
  ...(bitsPerSecond === undefined ? [] : [{ what: 'bits', limit: overBits(bitsPerSecond, BURST_SECONDS) }]),
]

export function addRateLimit(measure: Measure<'rate-limit'>): void {
  const limits = limitsOf(measure.parameters)
  if (limits.length === 0) measure.refuse('has no rate: name packetsPerSecond or bitsPerSecond')
  measure.addChain(limits.map(({ limit }) => `${limit} ${measure.verdict}`))
}

export function addTargetRateLimit(measure: Measure<'target-rate-limit'>): void {
  const limits = limitsOf(measure.parameters)
  if (limits.length === 0) measure.refuse('has no rate: name packetsPerSecond or bitsPerSecond')
  const full = measure.counted('full')
  measure.addChain(
    measure.families.flatMap(family =>
      limits.flatMap(({ what, limit }) => {
        const { target, type } = WORDS[family]
        const meter = measure.named(`${what}${family}`)
        measure.draft.addSet({
          ...{ name: meter, type, kind: 'meter', elements: [] },
          ...{ size: measure.place.sourcesMax, timeoutSeconds: METER_SECONDS },
        })
        return [
          `update @${meter} { ${target} ${limit} } ${measure.verdict}`,
          `${target} != @${meter} ${full}`,
        ]
      }),
    ),
  )
}

/** Fragments of a profile above a rate; a rate of 0 takes all. Whoever sees packets after they are put together sees none. */
export function addFragments(measure: Measure<'fragments'>): void {
  if (measure.place.hook === 'forward') {
    measure.note('at the hook forward packets have been put together: use prerouting or ingress')
    return
  }
  const { packetsPerSecond } = measure.parameters
  const limit = packetsPerSecond === 0 ? '' : `${overPackets(packetsPerSecond)} `
  const taken = measure.named('taken')
  measure.draft.addChain({ name: taken, rules: [`${limit}${measure.verdict}`] })
  measure.addChain([`ip frag-off & 0x3fff != 0x0 goto ${taken}`, `exthdr frag exists goto ${taken}`])
}
