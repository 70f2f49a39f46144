// Names an attack: which vectors its samples are, with what share, why, and how sure that is.

import type { Finding, VectorPart } from './attack.ts'
import type { TrafficShape } from './shape.ts'
import { UNKNOWN, VECTORS } from './vectors.ts'
import { AMPLIFIERS } from './vectors-amplifiers.ts'
import { AMPLIFIER_KIND, KIND } from './vectors-kinds.ts'
import { type Candidate, percent, type Vector, whole } from './vectors-match.ts'
import { TCP_KINDS } from './vectors-tcp.ts'

/** Fewer samples name nothing. */
export const SAMPLES_MIN = 8
/** What has no name is a part of its own from this share on. */
const UNKNOWN_SHARE = 0.25
const CLEAR = 0.6
const FRAGMENTS = [KIND.firstFragment, KIND.laterFragment]
/** First fragments of one service: so many of all make the later ones its own. */
const FIRST_SHARE = 0.5
/** Answers that long come in fragments, also where the first ones were not seen. */
const FRAGMENTED_BYTES = 1000

/** `undefined` when there are too few samples. Named parts stand by share, what has no name stands last. */
export function nameAttack(shape: TrafficShape): Finding | undefined {
  if (shape.samples < SAMPLES_MIN) return undefined
  const taken = new Set<number>()
  const owner = fragmentOwner(shape)
  const named: (VectorPart & { readonly packets: number; readonly sureness: number })[] = []
  for (const vector of VECTORS) {
    const kinds = vector.kinds.filter(kind => !taken.has(kind))
    const candidate = candidateOf(vector, kinds, shape, owner)
    const share = Math.max(candidate.packetShare, candidate.byteShare)
    if (candidate.samples === 0 || !isEnough(share, vector, shape) || !vector.holds(candidate)) continue
    for (const kind of kinds) taken.add(kind)
    if (candidate.fragmentPackets > 0) for (const kind of FRAGMENTS) taken.add(kind)
    const reasons = [shareSentence(candidate), ...vector.reasons(candidate)]
    const { packets } = candidate
    named.push({ vector: vector.name, share, reasons, packets, sureness: vector.sureness(candidate) })
  }
  const explained = Math.min(1, named.reduce((sum, { packets }) => sum + packets, 0) / shape.packets)
  const parts = named
    .sort((a, b) => b.share - a.share)
    .map(({ vector, share, reasons }): VectorPart => ({ vector, share: rounded(share), reasons }))
  if (parts.length === 0 || 1 - explained > UNKNOWN_SHARE) parts.push(unknownPart(shape, 1 - explained))
  const sureness = named.length === 0 ? 0.5 : Math.min(...named.map(part => part.sureness))
  const clear = Math.max(explained, named.length === 0 ? 1 : (parts[0]?.share ?? 0))
  return { parts, confidence: rounded(atLeast(clear, shape.worth) * sureness), packets: shape.samples }
}

/** Of few samples a share must be clear: its lower end may not lie far below what the row asks for. */
const isEnough = (share: number, { minimumShare }: Vector, { worth }: TrafficShape): boolean =>
  share >= minimumShare && atLeast(Math.min(1, share), worth) >= minimumShare * CLEAR

function candidateOf(
  vector: Vector,
  kinds: readonly number[],
  shape: TrafficShape,
  owner: number | undefined,
): Candidate {
  const ownsFragments = vector.amplifier !== undefined && vector.amplifier === owner
  const total = shape.total(ownsFragments ? [...kinds, ...FRAGMENTS] : kinds)
  const { meanBytes } = vector.amplifier === undefined ? total : shape.total(kinds)
  return {
    ...total,
    meanBytes,
    shape,
    packetShare: total.packets / shape.packets,
    byteShare: shape.bytes === 0 ? 0 : total.bytes / shape.bytes,
    tcpPackets: shape.total(TCP_KINDS).packets,
    fragmentPackets: ownsFragments ? shape.total(FRAGMENTS).packets : 0,
  }
}

/** The amplifier whose trailing fragments the fragments are: most first ones are its, or its answers are long and none was seen. */
function fragmentOwner(shape: TrafficShape): number | undefined {
  if (shape.total(FRAGMENTS).packets === 0) return undefined
  const firsts = AMPLIFIERS.map((_, at) => shape.answers(at).firstFragments)
  const all = firsts.reduce((sum, count) => sum + count, shape.total([KIND.firstFragment]).packets)
  const most = Math.max(...firsts)
  if (most > 0) return most >= all * FIRST_SHARE ? firsts.indexOf(most) : undefined
  if (all > 0) return undefined
  const totals = AMPLIFIERS.map((_, at) => shape.total([AMPLIFIER_KIND + at]))
  const heaviest = totals.reduce((best, { bytes }, at) => (bytes > totals[best]!.bytes ? at : best), 0)
  return totals[heaviest]!.meanBytes >= FRAGMENTED_BYTES ? heaviest : undefined
}

const shareSentence = ({ packetShare, byteShare }: Candidate): string =>
  `${percent(packetShare)} of the packets and ${percent(byteShare)} of the bytes`

function unknownPart(shape: TrafficShape, share: number): VectorPart {
  const protocols = shape.protocols
    .entries()
    .slice(0, 3)
    .map(({ value, weight }) => `protocol ${value} ${percent(weight / shape.packets)}`)
  const answered = shape.answered()
  return {
    vector: UNKNOWN,
    share: rounded(share),
    reasons: [
      `no vector explains these packets: ${protocols.join(', ')} of all, mean length ${whole(shape.bytes / shape.packets)} bytes`,
      `${percent(answered)} of the packets are of peers the host exchanges packets with both ways`,
    ],
  }
}

const rounded = (value: number): number => Math.round(value * 1000) / 1000

const Z = 1.96

/** The lower end of Wilson's interval at 95 % of a share seen in so many samples. */
export function atLeast(share: number, samples: number): number {
  if (samples <= 0) return 0
  const square = (Z * Z) / samples
  const middle = share + square / 2
  const half = Z * Math.sqrt((share * (1 - share)) / samples + square / (4 * samples))
  return Math.max(0, (middle - half) / (1 + square))
}
