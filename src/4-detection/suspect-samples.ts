// The samples of one suspect: their shape, and what is counted of them beside it.

import type { Sample } from '#2-decode/sample.ts'
import type { Suspicion } from './attack.ts'
import { mixKeysOf } from './calm-mix.ts'
import { nameAttack } from './name-attack.ts'
import { TrafficShape } from './shape.ts'
import { weigh } from './suspicion.ts'

/** A shape of more samples begins anew: buckets fill up, and what was said long ago is not what happens now. */
const SAMPLES_MAX = 768
/** Until the new one has so many, the old one's word stands. */
const SAMPLES_ANEW = 48

export class SuspectSamples {
  readonly #shapes = [new TrafficShape(true), new TrafficShape(false)] as const
  #shape: TrafficShape = this.#shapes[0]
  #familiar: ReadonlySet<number> | undefined
  #friends = 0
  #novel = 0
  #impossible = 0
  #weighedSamples = 0
  #last: Suspicion | undefined
  #isAnew = false
  #hasWatched = false
  /** Tick in which it was weighed last. */
  weighedTick = Number.NEGATIVE_INFINITY

  /** Empty, for a suspect that is over a limit in this direction and has this in calm. */
  begin(side: 0 | 1, familiar: ReadonlySet<number> | undefined): void {
    this.#shape = this.#shapes[side]
    this.#familiar = familiar
    this.#last = undefined
    this.#isAnew = this.#hasWatched = false
    this.weighedTick = Number.NEGATIVE_INFINITY
    this.#empty()
  }

  #empty(): void {
    this.#shape.clear()
    this.#friends = this.#novel = this.#impossible = this.#weighedSamples = 0
  }

  /** Whether packets of its own were copied. */
  get hasWatched(): boolean {
    return this.#hasWatched
  }

  get isIncoming(): boolean {
    return this.#shape.isIncoming
  }

  /** Whether such a packet is one to add: those of all only until the suspect's own come, so that none counts twice. */
  takes(isWatched: boolean): boolean {
    if (isWatched) this.#hasWatched = true
    return isWatched || !this.#hasWatched
  }

  /** A packet to the suspect or from it. `sample` was decoded from `frame`, which ends at `end`. */
  add(
    isIncoming: boolean,
    sample: Sample,
    frame: DataView,
    end: number,
    weight: number,
    isFriend: boolean,
  ): void {
    if (isIncoming !== this.isIncoming) {
      this.#shape.addReply(sample, weight)
      return
    }
    this.#shape.add(sample, frame, end, weight)
    if (isFriend) this.#friends += weight
    if (hasImpossibleSource(sample)) this.#impossible += weight
    if (this.#familiar !== undefined && isNovel(sample, isIncoming, this.#familiar)) this.#novel += weight
  }

  /** What the samples say now. */
  weigh(seesAnswers: boolean): Suspicion | undefined {
    const shape = this.#shape
    if (shape.samples === this.#weighedSamples) return this.#last
    if (this.#isAnew && shape.samples < SAMPLES_ANEW) return this.#last
    this.#weighedSamples = shape.samples
    const share = (packets: number) => (shape.packets === 0 ? 0 : Math.min(1, packets / shape.packets))
    this.#last =
      weigh({
        shape,
        finding: nameAttack(shape),
        friends: share(this.#friends),
        novel: this.#familiar && share(this.#novel),
        impossible: share(this.#impossible),
        seesAnswers,
      }) ?? this.#last
    if (shape.samples >= SAMPLES_MAX) {
      this.#isAnew = true
      this.#empty()
    }
    return this.#last
  }

  /** What they said last. */
  get last(): Suspicion | undefined {
    return this.#last
  }
}

function isNovel(sample: Sample, isIncoming: boolean, familiar: ReadonlySet<number>): boolean {
  const { protocol, sourcePort, targetPort, ipLength } = sample
  const [own, peer] = isIncoming ? [targetPort, sourcePort] : [sourcePort, targetPort]
  const keys = mixKeysOf(isIncoming, protocol, own, peer, ipLength)
  return !familiar.has(keys.own) && !familiar.has(keys.peer)
}

/** Sources no packet on a network may have (RFC 6890), and the host itself. */
function hasImpossibleSource(sample: Sample): boolean {
  const { family, sourceA, sourceB, sourceC, sourceD } = sample
  const isItself =
    sourceA === sample.targetA &&
    sourceB === sample.targetB &&
    sourceC === sample.targetC &&
    sourceD === sample.targetD
  if (isItself) return true
  const first = sourceA & 255
  if (family === 4)
    return first === 0 || first === 127 || first >= 224 || (sourceA & 0xffff) === LINK_LOCAL_V4
  if (first === 255) return true
  if (first === 0xfe && ((sourceA >>> 8) & 0xc0) === 0x80) return sample.protocol !== ICMPV6
  return sourceA === 0 && sourceB === 0 && sourceC === 0 && sample.protocol !== ICMPV6
}

/** 169.254 as the wire's little-endian word begins. */
const LINK_LOCAL_V4 = 0xfea9
const ICMPV6 = 58
