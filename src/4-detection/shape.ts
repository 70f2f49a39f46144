// The shape of some hundred samples of one host: how many of each kind, their lengths, ports, peers and answers, in 8 KiB.

import type { Sample } from '#2-decode/sample.ts'
import { DISTINCT_WORDS, ShapeDistinct } from './shape-distinct.ts'
import { ShapeTally, tallyWords } from './shape-tally.ts'
import { AMPLIFIERS } from './vectors-amplifiers.ts'
import { AMPLIFIER_KIND, KIND, KINDS, kindOf } from './vectors-kinds.ts'

/** Peers are told apart by so many buckets for each class of protocols. */
const BUCKETS = 128
const CLASSES = ['tcp', 'udp', 'rest'] as const
export type ProtocolClass = (typeof CLASSES)[number]

/** A reply answers so many packets at most: network cards join up to 44 segments before one is acknowledged. */
const ANSWERS_MAX = 64
/**
 * With fewer samples peers seldom meet in a bucket, so the totals of both ways decide too; and when they are of few peers,
 * replies that are rare may just not have been sampled, so silence says nothing.
 */
const FEW_SAMPLES = 64
const SAMPLES_PER_PEER = 4
/** So it is with more samples when nearly each is of another peer: thousands of clients behind one address of ours. */
const SAMPLES_PER_SCATTERED_PEER = 2
/** Of equal traffic both ways a few samples may hold up to twice as many of one. */
const LUCK = 2

const PORT_CELLS = 32
const CELLS = 16
const RST = 4

const TALLIES = { sourcePorts: PORT_CELLS, targetPorts: CELLS, lengths: CELLS, ttls: CELLS, protocols: CELLS }
const DISTINCTS = 4

const WORDS =
  KINDS * 4 +
  AMPLIFIERS.length * 5 +
  BUCKETS * CLASSES.length * 2 +
  Object.values(TALLIES).reduce((sum, cells) => sum + tallyWords(cells), 0) +
  DISTINCTS * DISTINCT_WORDS

/** Packets, bytes and how alike their lengths are. */
export interface KindTotal {
  /** Samples, whatever they stand for. */
  readonly samples: number
  readonly packets: number
  readonly bytes: number
  /** IP length on average, and how far from it packets are. */
  readonly meanBytes: number
  readonly spreadBytes: number
}

/**
 * Samples are added with the number of packets each stands for: those of the direction that is looked at by `add`, those
 * the other way by `addReply`. Everything else reads. Adding takes a fraction of a microsecond and no memory.
 */
export class TrafficShape {
  readonly #memory = new ArrayBuffer(WORDS * 4)
  readonly #noFrame = new DataView(this.#memory, 0, 0)
  readonly #samples: Uint32Array<ArrayBuffer>
  readonly #packets: Float32Array<ArrayBuffer>
  readonly #bytes: Float32Array<ArrayBuffer>
  readonly #squares: Float32Array<ArrayBuffer>
  readonly #proved: Float32Array<ArrayBuffer>
  readonly #contradicted: Float32Array<ArrayBuffer>
  readonly #first: Float32Array<ArrayBuffer>
  readonly #askedPackets: Float32Array<ArrayBuffer>
  readonly #askedBytes: Float32Array<ArrayBuffer>
  readonly #to: Float32Array<ArrayBuffer>
  readonly #from: Float32Array<ArrayBuffer>
  readonly sourcePorts: ShapeTally
  readonly targetPorts: ShapeTally
  /** IP lengths in bytes. */
  readonly lengths: ShapeTally
  readonly ttls: ShapeTally
  readonly protocols: ShapeTally
  /** The other side: senders of incoming traffic, receivers of outgoing. */
  readonly peers: ShapeDistinct
  readonly targetPortsSeen: ShapeDistinct
  readonly dnsNames: ShapeDistinct
  /** Names without their first label. */
  readonly dnsParents: ShapeDistinct
  readonly isIncoming: boolean
  samples = 0
  packets = 0
  bytes = 0
  #squaredWeights = 0
  #replies = 0

  constructor(isIncoming: boolean) {
    this.isIncoming = isIncoming
    let at = 0
    const take = (words: number): number => {
      at += words * 4
      return at - words * 4
    }
    const floats = (count: number) => new Float32Array(this.#memory, take(count), count)
    this.#samples = new Uint32Array(this.#memory, take(KINDS), KINDS)
    this.#packets = floats(KINDS)
    this.#bytes = floats(KINDS)
    this.#squares = floats(KINDS)
    this.#proved = floats(AMPLIFIERS.length)
    this.#contradicted = floats(AMPLIFIERS.length)
    this.#first = floats(AMPLIFIERS.length)
    this.#askedPackets = floats(AMPLIFIERS.length)
    this.#askedBytes = floats(AMPLIFIERS.length)
    this.#to = floats(BUCKETS * CLASSES.length)
    this.#from = floats(BUCKETS * CLASSES.length)
    const tally = (cells: number) => new ShapeTally(this.#memory, take(tallyWords(cells)), cells)
    this.sourcePorts = tally(TALLIES.sourcePorts)
    this.targetPorts = tally(TALLIES.targetPorts)
    this.lengths = tally(TALLIES.lengths)
    this.ttls = tally(TALLIES.ttls)
    this.protocols = tally(TALLIES.protocols)
    const distinct = () => new ShapeDistinct(this.#memory, take(DISTINCT_WORDS))
    this.peers = distinct()
    this.targetPortsSeen = distinct()
    this.dnsNames = distinct()
    this.dnsParents = distinct()
  }

  /** Bytes of the counters. */
  get memoryBytes(): number {
    return this.#memory.byteLength
  }

  /** Empty again, for the other or the same direction's next suspect. */
  clear(): void {
    new Uint32Array(this.#memory).fill(0)
    for (const tally of [this.sourcePorts, this.targetPorts, this.lengths, this.ttls, this.protocols])
      tally.clear()
    for (const distinct of [this.peers, this.targetPortsSeen, this.dnsNames, this.dnsParents])
      distinct.clear()
    this.samples = this.packets = this.bytes = this.#squaredWeights = this.#replies = 0
  }

  /** A packet of the direction looked at. `sample` was decoded from `frame`, which ends at `end`; it may be cut anywhere. */
  add(sample: Sample, frame: DataView, end: number, weight: number): void {
    const { ipLength, protocol } = sample
    const payloadAt = payloadOf(sample, frame, end)
    const limit = limitOf(sample, end)
    const kind = kindOf(sample, frame, payloadAt, limit)
    this.#count(kind, ipLength, weight)
    if (sample.fragmentOffset === 0) {
      this.sourcePorts.add(sample.sourcePort, weight)
      this.targetPorts.add(sample.targetPort, weight)
      this.targetPortsSeen.add(mix(sample.targetPort))
    }
    this.lengths.add(ipLength, weight)
    // Flow records rarely tell it, and no packet travels with 0.
    if (sample.ttl !== 0) this.ttls.add(sample.ttl, weight)
    this.protocols.add(protocol, weight)
    const peer = this.isIncoming ? sourceHash(sample) : targetHash(sample)
    this.peers.add(peer)
    const bucket = classOf(protocol) * BUCKETS + ((peer >>> 10) & (BUCKETS - 1))
    this.#from[bucket] = this.#from[bucket]! + weight
    if (kind >= AMPLIFIER_KIND) this.#weigh(kind - AMPLIFIER_KIND, sample, frame, payloadAt, limit, weight)
    else if (kind === KIND.dnsQuery) this.#ask(frame, payloadAt, limit)
  }

  /** A flow record without a packet: what it says in numbers, no payload. */
  addNumbers(sample: Sample, weight: number): void {
    this.add(sample, this.#noFrame, 0, weight)
  }

  /** A packet the other way. A reset answers nothing. */
  addReply(sample: Sample, weight: number): void {
    const { protocol } = sample
    if (protocol === 6 && (sample.tcpFlags & RST) !== 0) return
    this.#replies += weight
    const peer = this.isIncoming ? targetHash(sample) : sourceHash(sample)
    const bucket = classOf(protocol) * BUCKETS + ((peer >>> 10) & (BUCKETS - 1))
    this.#to[bucket] = this.#to[bucket]! + weight
    if (protocol !== 17) return
    for (let i = 0; i < AMPLIFIERS.length; i++) {
      if (AMPLIFIERS[i]!.port !== sample.targetPort) continue
      this.#askedPackets[i] = this.#askedPackets[i]! + weight
      this.#askedBytes[i] = this.#askedBytes[i]! + weight * sample.ipLength
    }
  }

  #count(kind: number, length: number, weight: number): void {
    this.samples++
    this.packets += weight
    this.bytes += weight * length
    this.#squaredWeights += weight * weight
    this.#samples[kind] = this.#samples[kind]! + 1
    this.#packets[kind] = this.#packets[kind]! + weight
    this.#bytes[kind] = this.#bytes[kind]! + weight * length
    this.#squares[kind] = this.#squares[kind]! + weight * length * length
  }

  #weigh(amplifier: number, sample: Sample, frame: DataView, at: number, end: number, weight: number): void {
    const proof = AMPLIFIERS[amplifier]!.proof(frame, at, end)
    const cells = proof === 1 ? this.#proved : proof === -1 ? this.#contradicted : undefined
    if (cells !== undefined) cells[amplifier] = cells[amplifier]! + weight
    if (sample.isFragment === 1) this.#first[amplifier] = this.#first[amplifier]! + weight
  }

  /** The name a query asks for, as far as it was captured, and the same without its first label. */
  #ask(frame: DataView, at: number, end: number): void {
    const name = at + 12
    let hash = 0x811c_9dc5
    let parent = 0x811c_9dc5
    const parentAt = name + 1 + frame.getUint8(name)
    for (let i = name; i < end; i++) {
      const value = frame.getUint8(i)
      hash = Math.imul(hash ^ value, 0x0100_0193)
      if (i >= parentAt) parent = Math.imul(parent ^ value, 0x0100_0193)
      if (value === 0) break
    }
    this.dnsNames.add(mix(hash))
    this.dnsParents.add(mix(parent))
  }

  /** Several kinds as one. */
  total(kinds: readonly number[]): KindTotal {
    let samples = 0
    let packets = 0
    let bytes = 0
    let squares = 0
    for (const kind of kinds) {
      samples += this.#samples[kind]!
      packets += this.#packets[kind]!
      bytes += this.#bytes[kind]!
      squares += this.#squares[kind]!
    }
    const meanBytes = packets === 0 ? 0 : bytes / packets
    const variance = packets === 0 ? 0 : squares / packets - meanBytes * meanBytes
    return { samples, packets, bytes, meanBytes, spreadBytes: Math.sqrt(Math.max(0, variance)) }
  }

  /** What is known of the answers of one amplifier, in packets. */
  answers(amplifier: number) {
    return {
      proved: this.#proved[amplifier]!,
      contradicted: this.#contradicted[amplifier]!,
      firstFragments: this.#first[amplifier]!,
      askedPackets: this.#askedPackets[amplifier]!,
      askedBytes: this.#askedBytes[amplifier]!,
    }
  }

  /** 0 to 1: how much of the traffic of some classes of protocols is with peers that packets go to the other way as well. */
  answered(classes: readonly ProtocolClass[] = CLASSES): number {
    let all = 0
    let answered = 0
    let replies = 0
    for (const name of classes) {
      const from = CLASSES.indexOf(name) * BUCKETS
      for (let i = from; i < from + BUCKETS; i++) {
        const packets = this.#from[i]!
        all += packets
        replies += this.#to[i]!
        answered += Math.min(packets, this.#to[i]! * ANSWERS_MAX)
      }
    }
    if (all === 0) return 0
    const byPeers = answered / all
    const isScattered = this.peers.estimate * SAMPLES_PER_SCATTERED_PEER >= this.samples
    if (this.samples >= FEW_SAMPLES && !isScattered) return byPeers
    if (this.peers.estimate * SAMPLES_PER_PEER <= this.samples) return 1
    return Math.max(byPeers, Math.min(1, (LUCK * replies) / all))
  }

  /** Packets the other way, resets apart. */
  get replies(): number {
    return this.#replies
  }

  /** Of how many equal samples these are worth: those of unequal weight tell less (Kish 1965). */
  get worth(): number {
    return this.#squaredWeights === 0 ? 0 : (this.packets * this.packets) / this.#squaredWeights
  }
}

const classOf = (protocol: number): number => (protocol === 6 ? 0 : protocol === 17 ? 1 : 2)

/** Where a packet ends: behind its stated length lies padding. */
function limitOf({ ipOffset, ipLength }: Sample, end: number): number {
  const stated = ipOffset + ipLength
  return ipLength !== 0 && stated < end ? stated : end
}

const UDP_HEADER_BYTES = 8

/** Where the payload of UDP or TCP begins, at most `end`. */
function payloadOf({ protocol, transportOffset }: Sample, frame: DataView, end: number): number {
  if (transportOffset === 0) return end
  if (protocol === 17) return Math.min(end, transportOffset + UDP_HEADER_BYTES)
  if (protocol !== 6 || transportOffset + 12 >= end) return end
  return Math.min(end, transportOffset + ((frame.getUint8(transportOffset + 12) >> 4) << 2))
}

/** Spreads a number over all bits (the finalizer of MurmurHash3). */
function mix(value: number): number {
  let hash = value
  hash = Math.imul(hash ^ (hash >>> 16), 0x85eb_ca6b)
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2_ae35)
  return hash ^ (hash >>> 16)
}

const sourceHash = ({ sourceA, sourceB, sourceC, sourceD }: Sample): number =>
  mix(sourceA ^ Math.imul(sourceB, 3) ^ Math.imul(sourceC, 5) ^ Math.imul(sourceD, 7))

const targetHash = ({ targetA, targetB, targetC, targetD }: Sample): number =>
  mix(targetA ^ Math.imul(targetB, 3) ^ Math.imul(targetC, 5) ^ Math.imul(targetD, 7))
