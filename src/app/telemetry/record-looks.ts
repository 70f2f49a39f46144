// Looks closely at some of the records that are counted, so that doctor can tell what is wrong with what exporters tell of.
//
// Flows are chosen by a hash of their addresses and ports, so that all records of a chosen flow are looked at, whoever
// tells of it: a flow that is told of twice shows. The share that is chosen follows the load.

import type { KnownExporter } from '#2-decode/exporter-list.ts'
import { DIRECTION, type FlowRecord } from '#2-decode/flow-record.ts'
import type { Sample } from '#2-decode/sample.ts'
import { addressOfWord, addressOfWords, NetworkTable } from '#3-traffic/network-table.ts'
import type { Prefix } from '#lib/ip/prefix.ts'

/** Of the records of one exporter that were looked at lately. */
export interface ExporterLooks {
  records: number
  incoming: number
  outgoing: number
  internal: number
  /** Between addresses none of which is in our networks. */
  other: number
  /** By the interface that was watched, as far as it is said: coming in there, or going out. */
  incomingIngress: number
  incomingEgress: number
  outgoingIngress: number
  outgoingEgress: number
  /** Of flows whose record before this one was of the same exporter, the other way through it. */
  bothWays: number
  /** By address of another exporter: of flows whose record before this one was of that. At most OTHERS_MAX. */
  readonly alsoFrom: Map<string, number>
}

/** Records looked at within a second: less than a thousandth of a core. */
const LOOKS_PER_SECOND = 256
/** At the full rate of looks about a minute of them: exporters tell of the same flow at different times. */
const FLOWS = 16_384
const FLOWS_MASK = FLOWS - 1
/** Records of a flow that are further apart are not compared. */
const SAME_FLOW_MS = 120_000
/** One flow in so many at most, less one; choices of all loads lie within each other. */
const MASK_MAX = 0xf_ffff
/** At so many records what was counted is halved, so that the shares are those of lately. */
const FADE_AT = 4096
const OTHERS_MAX = 8
const SECOND_MS = 1000

export class RecordLooks {
  #networks: NetworkTable<true>
  #byExporter = new WeakMap<KnownExporter, ExporterLooks>()
  /** Flows chosen are those whose hash has none of these bits. */
  #mask = 0
  #left = LOOKS_PER_SECOND
  #pacedAt = 0
  #now = 0
  /** By the place of a flow: two hashes of it, when a record told of it last, whose that was, and its direction. */
  readonly #first = new Int32Array(FLOWS)
  readonly #second = new Int32Array(FLOWS)
  readonly #toldAt = new Float64Array(FLOWS).fill(Number.NEGATIVE_INFINITY)
  readonly #teller: string[] = new Array<string>(FLOWS).fill('')
  readonly #direction = new Int8Array(FLOWS)

  constructor(networks: readonly Prefix[]) {
    this.#networks = tableOf(networks)
  }

  changeNetworks(networks: readonly Prefix[]): void {
    this.#networks = tableOf(networks)
    this.forget()
  }

  /** What was counted by other rules says nothing of those of now. */
  forget(): void {
    this.#byExporter = new WeakMap()
    this.#toldAt.fill(Number.NEGATIVE_INFINITY)
  }

  of(exporter: KnownExporter): ExporterLooks | undefined {
    return this.#byExporter.get(exporter)
  }

  /** Before the records of a datagram; `now` is milliseconds of a clock that does not go back. */
  pace(now: number): void {
    this.#now = now
    if (now - this.#pacedAt < SECOND_MS) return
    this.#pacedAt = now
    if (this.#left === 0) this.#mask = Math.min(MASK_MAX, this.#mask * 2 + 1)
    else if (this.#left > (LOOKS_PER_SECOND * 3) / 4) this.#mask >>>= 1
    this.#left = LOOKS_PER_SECOND
  }

  /** To be called with each record that is counted: most cost a hash, or a comparison when enough were looked at. */
  see(record: FlowRecord, exporter: KnownExporter): void {
    if (this.#left === 0) return
    const hash = flowHash(record.sample)
    if ((hash & this.#mask) !== 0) return
    this.#left--
    this.#look(record, exporter, hash)
  }

  #look(record: FlowRecord, exporter: KnownExporter, hash: number): void {
    let looks = this.#byExporter.get(exporter)
    if (looks === undefined) {
      looks = noLooks()
      this.#byExporter.set(exporter, looks)
    }
    if (looks.records >= FADE_AT) fade(looks)
    looks.records++
    this.#direct(record, looks)
    this.#compare(record, exporter.state.address, looks, hash)
  }

  #direct({ sample, direction }: FlowRecord, looks: ExporterLooks): void {
    const { family, sourceA, sourceB, sourceC, sourceD, targetA, targetB, targetC, targetD } = sample
    const isTargetOurs = this.#isOurs(family, targetA, targetB, targetC, targetD)
    const isSourceOurs = this.#isOurs(family, sourceA, sourceB, sourceC, sourceD)
    if (isTargetOurs && isSourceOurs) looks.internal++
    else if (isTargetOurs) {
      looks.incoming++
      if (direction === DIRECTION.ingress) looks.incomingIngress++
      else if (direction === DIRECTION.egress) looks.incomingEgress++
    } else if (isSourceOurs) {
      looks.outgoing++
      if (direction === DIRECTION.ingress) looks.outgoingIngress++
      else if (direction === DIRECTION.egress) looks.outgoingEgress++
    } else looks.other++
  }

  #isOurs(family: number, a: number, b: number, c: number, d: number): boolean {
    const address = family === 6 ? addressOfWords(a, b, c, d) : addressOfWord(a)
    return this.#networks.longest(address) !== undefined
  }

  /** With the record that told of the same flow before; this one takes its place. */
  #compare({ sample, direction }: FlowRecord, address: string, looks: ExporterLooks, hash: number): void {
    const other = otherHash(sample)
    const place = other & FLOWS_MASK
    const isSame =
      this.#first[place] === hash &&
      this.#second[place] === other &&
      this.#now - (this.#toldAt[place] ?? 0) <= SAME_FLOW_MS
    const teller = this.#teller[place] ?? ''
    if (isSame && teller !== address) {
      const { alsoFrom } = looks
      const before = alsoFrom.get(teller)
      if (before !== undefined || alsoFrom.size < OTHERS_MAX) alsoFrom.set(teller, (before ?? 0) + 1)
    } else if (isSame && isOpposite(this.#direction[place] ?? DIRECTION.unknown, direction)) looks.bothWays++
    this.#first[place] = hash
    this.#second[place] = other
    this.#toldAt[place] = this.#now
    this.#teller[place] = address
    this.#direction[place] = direction
  }
}

const tableOf = (networks: readonly Prefix[]): NetworkTable<true> =>
  new NetworkTable(networks.map(prefix => [prefix, true] as const))

const isOpposite = (before: number, now: number): boolean =>
  (before === DIRECTION.ingress && now === DIRECTION.egress) ||
  (before === DIRECTION.egress && now === DIRECTION.ingress)

const noLooks = (): ExporterLooks => ({
  ...{ records: 0, incoming: 0, outgoing: 0, internal: 0, other: 0 },
  ...{ incomingIngress: 0, incomingEgress: 0, outgoingIngress: 0, outgoingEgress: 0 },
  ...{ bothWays: 0, alsoFrom: new Map() },
})

function fade(looks: ExporterLooks): void {
  looks.records >>>= 1
  looks.incoming >>>= 1
  looks.outgoing >>>= 1
  looks.internal >>>= 1
  looks.other >>>= 1
  looks.incomingIngress >>>= 1
  looks.incomingEgress >>>= 1
  looks.outgoingIngress >>>= 1
  looks.outgoingEgress >>>= 1
  looks.bothWays >>>= 1
  for (const [address, records] of looks.alsoFrom) {
    if (records > 1) looks.alsoFrom.set(address, records >>> 1)
    else looks.alsoFrom.delete(address)
  }
}

const ODD_A = 0x9e37_79b1
const ODD_B = 0x85eb_ca6b
const ODD_C = 0xc2b2_ae35

/** The same for each record of the same direction of a flow. */
function flowHash(s: Sample): number {
  const source = s.sourceA ^ s.sourceB ^ s.sourceC ^ s.sourceD
  const target = s.targetA ^ s.targetB ^ s.targetC ^ s.targetD
  const ports = (s.sourcePort << 16) ^ s.targetPort
  return mixed(Math.imul(source, ODD_A) ^ Math.imul(target, ODD_B) ^ Math.imul(ports ^ s.protocol, ODD_C))
}

/** Another one, so that two flows with the same hash are hardly taken for one. */
function otherHash(s: Sample): number {
  const source = Math.imul(s.sourceA ^ s.sourceC, ODD_B) + (s.sourceB ^ s.sourceD)
  const target = Math.imul(s.targetA ^ s.targetC, ODD_C) + (s.targetB ^ s.targetD)
  const ports = Math.imul(s.sourcePort, 65_537) + (s.targetPort ^ (s.protocol << 24))
  return mixed(Math.imul(source, ODD_C) + Math.imul(target, ODD_A) + ports)
}

function mixed(hash: number): number {
  const half = Math.imul(hash ^ (hash >>> 16), ODD_B)
  const whole = Math.imul(half ^ (half >>> 13), ODD_C)
  return whole ^ (whole >>> 16)
}
