// Honest traffic that goes over a limit: what operators are banned for by mistake, each case on a host of its own.
//
// A case begins with some calm, in which the host talks with its friends, and ends with calm. Rates are packets per second
// towards our host, as multiples of the limit; what it answers comes on top.

import { buildFrame } from '../frame.ts'
import type { TimedFrame } from '../timeline.ts'
import { Draw } from '../vectors/draw.ts'
import { layersOf, type Manners, speak } from './conversation.ts'

export interface BenignCase {
  readonly name: string
  readonly title: string
  readonly host: string
  /** Times the limit, and for so long. */
  readonly times: number
  readonly seconds: number
  /** How often, with as much calm between. */
  readonly repeats: number
  readonly crowd: Manners
  /** Whom the host talks with when all is calm. */
  readonly calm: Manners
}

const addresses = (network: string, count: number): string[] =>
  Array.from({ length: count }, (_, at) => `${network}.${(at >> 8) & 255}.${1 + ((at & 255) % 254)}`)

const WEB: Manners = {
  peers: addresses('198.18', 400),
  atOnce: 60,
  opens: 'peer',
  servicePorts: [443],
  segments: [2, 30],
  isBulkToUs: false,
  segmentsPerAck: 2,
}
const BROWSING: Manners = { ...WEB, peers: addresses('198.18', 60), opens: 'us', isBulkToUs: true }
const TRANSFER: Manners = {
  ...BROWSING,
  peers: ['198.18.200.1', '198.18.200.2', '198.18.200.3', '198.18.200.4', '198.18.200.5', '198.18.200.6'],
  atOnce: 8,
  segments: [20_000, 200_000],
}
const BACKUP: Manners = {
  ...TRANSFER,
  peers: ['198.18.210.1', '198.18.210.2', '198.18.210.3'],
  atOnce: 3,
  opens: 'peer',
  servicePorts: [873],
}

export const BENIGN_CASES: readonly BenignCase[] = [
  {
    name: 'speed-test',
    title: 'a speed test: eight connections to servers it never met, full segments',
    ...{ host: '10.10.40.1', times: 1.5, seconds: 10, repeats: 1, crowd: TRANSFER, calm: BROWSING },
  },
  {
    name: 'backup',
    title: 'a nightly backup from three machines that are known',
    ...{ host: '10.10.40.2', times: 1.2, seconds: 60, repeats: 1, crowd: BACKUP, calm: BACKUP },
  },
  {
    name: 'flash-crowd',
    title: 'a crowd of 6,000 visitors that come all at once to a web server',
    ...{ host: '10.10.40.3', times: 2, seconds: 4, repeats: 1 },
    crowd: { ...WEB, peers: addresses('198.19', 6000), atOnce: 3000, segments: [2, 12] },
    calm: WEB,
  },
  {
    name: 'nat',
    title: 'the evening behind an address that 5,000 clients share',
    ...{ host: '10.10.40.4', times: 1.3, seconds: 20, repeats: 1 },
    crowd: {
      ...BROWSING,
      peers: addresses('198.18', 2500),
      atOnce: 5000,
      servicePorts: [443, 443, 443, 80, 993],
    },
    calm: { ...BROWSING, peers: addresses('198.18', 2500), atOnce: 1500 },
  },
  {
    name: 'bursts',
    title: 'a cache that fills itself in bursts of a fifth of a second',
    ...{ host: '10.10.40.5', times: 10, seconds: 0.2, repeats: 5, crowd: TRANSFER, calm: BROWSING },
  },
]

export interface BenignOptions {
  /** Packets per second that are the limit. */
  readonly limit: number
  readonly seed?: number
  /** Seconds of calm before, between and after; default 8. */
  readonly calmSeconds?: number
  /** Of the time over the limit so much is made, to save time; default all of it. */
  readonly share?: number
}

/** Share of the limit in calm. */
const CALM_TIMES = 0.25

/** The packets of a case in order, both directions; the same seed gives the same packets. */
export function* benignFrames(one: BenignCase, options: BenignOptions): Generator<TimedFrame> {
  const { limit, seed = 1, calmSeconds = 8, share = 1 } = options
  const draw = new Draw(seed)
  const calm = speak(one.calm, draw)
  const crowd = speak(one.crowd, draw)
  const over = one.seconds * share
  let nanos = 0
  const spell = function* (words: ReturnType<typeof speak>, seconds: number, times: number) {
    const step = 1e9 / (limit * times)
    const end = nanos + seconds * 1e9
    let next = nanos
    // Taken one by one: a loop over a generator that is left ends it, and these words go on in the next spell.
    while (next < end) {
      const { value: spoken, done } = words.next()
      if (done) break
      nanos = next
      yield { nanos: Math.floor(next), bytes: buildFrame(layersOf(spoken, one.host)) }
      // Only what comes to us has the rate; what we say goes between.
      if (spoken.isToUs) next += step
    }
    nanos = end
  }
  for (let repeat = 0; repeat < one.repeats; repeat++) {
    yield* spell(calm, calmSeconds, CALM_TIMES)
    yield* spell(crowd, over, one.times)
  }
  yield* spell(calm, calmSeconds, CALM_TIMES)
}

export const benignCase = (name: string): BenignCase | undefined =>
  BENIGN_CASES.find(candidate => candidate.name === name)
