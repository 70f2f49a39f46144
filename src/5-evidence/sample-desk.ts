// From the sample rings of the workers to packet records of the hosts somebody asks about.
//
// Frames are decoded where they lie; only those of wanted hosts are copied and put into words.

import { decodeFrame } from '#2-decode/frame/decode-frame.ts'
import { OUTCOME, Sample } from '#2-decode/sample.ts'
import type { HostTables } from '#3-traffic/host-tables.ts'
import { addressOfWord, addressOfWords } from '#3-traffic/network-table.ts'
import { SampleRingReader } from '#3-traffic/sample-ring.ts'
import { formatAddress } from '#lib/ip/address.ts'
import type { MetricSource } from '#lib/metrics/metric.ts'
import type { PacketRecord } from './evidence.ts'
import { keyOf, prefixOver, type Wanted, wantedOf } from './wanted.ts'

/** Tables of a worker, and for how many packets each of its packets stands. */
export interface SampledSource {
  readonly tables: HostTables
  readonly samplingRate: number
}

/**
 * A sample decoded from `frame`, where it ends at `end`; it stands for `weight` packets. `told`: packets a flow record told of, 0
 * for one that was seen. `bytes` as counted.
 */
export type LookAtSample = (
  sample: Sample,
  frame: DataView,
  end: number,
  weight: number,
  isWatched: boolean,
  told: number,
  bytes: number,
) => void

interface SourceRings {
  readonly recent: SampleRingReader
  readonly watched: SampleRingReader
  /** The same rings for those who look at every sample: they have a place of their own. */
  readonly allRecent: SampleRingReader
  readonly allWatched: SampleRingReader
  readonly samplingRate: number
}

export class SampleDesk {
  readonly #sources: readonly SourceRings[]
  readonly #insideTunnels: boolean
  readonly #sample = new Sample()

  constructor(sources: readonly SampledSource[], insideTunnels: boolean) {
    this.#insideTunnels = insideTunnels
    this.#sources = sources.map(({ tables, samplingRate }) => ({
      recent: new SampleRingReader(tables.recent, tables.snapBytes),
      watched: new SampleRingReader(tables.watched, tables.snapBytes),
      allRecent: new SampleRingReader(tables.recent, tables.snapBytes),
      allWatched: new SampleRingReader(tables.watched, tables.snapBytes),
      samplingRate,
    }))
  }

  /**
   * Shows every sample that was copied since the last call, those for watching first; of the others about `recentMost`
   * at most, evenly chosen. Where it lies may be overwritten right after.
   */
  each(look: LookAtSample, recentMost?: number): void {
    for (const { allRecent, allWatched, samplingRate } of this.#sources) {
      allWatched.eachFresh(() => this.#show(allWatched, samplingRate, true, look))
      allRecent.eachFresh(() => this.#show(allRecent, samplingRate, false, look), recentMost)
    }
  }

  #show(ring: SampleRingReader, samplingRate: number, isWatched: boolean, look: LookAtSample): void {
    const { entry, view } = ring
    const sample = this.#sample
    const outcome = decodeFrame(view, entry.at, entry.end, entry.link, this.#insideTunnels, sample)
    // What is overwritten while it is looked at is a packet that never was; one of those changes no histogram.
    if (outcome === OUTCOME.decoded && ring.isValid())
      look(sample, view, entry.end, entry.weight * samplingRate, isWatched, entry.told, entry.bytes)
  }

  /** Passes over what `each` has not shown yet. */
  passOver(): void {
    for (const { allRecent, allWatched } of this.#sources) {
      allRecent.passOver()
      allWatched.passOver()
    }
  }

  /** Hands over packets of these hosts (or prefixes, as text), not older than `sinceMicros`, that were copied for watching since the last call. */
  fresh(
    hosts: Iterable<string>,
    sinceMicros: number,
    take: (host: string, record: PacketRecord) => void,
  ): void {
    const wanted = wantedOf(hosts)
    const takeYoung = (host: string, record: PacketRecord) => {
      if (record.timeMicros >= sinceMicros) take(host, record)
    }
    for (const { watched, samplingRate } of this.#sources) {
      watched.eachFresh(() => this.#offer(watched, samplingRate, wanted, takeYoung))
    }
  }

  /**
   * What the rings still hold of these hosts (or prefixes, as text) from `sinceMicros` on: for each the packets copied for watching, or the
   * recent ones where those tell more. By host.
   */
  held(hosts: Iterable<string>, sinceMicros: number): Map<string, readonly PacketRecord[]> {
    const wanted = wantedOf(hosts)
    const recent = new Map<string, PacketRecord[]>()
    const watched = new Map<string, PacketRecord[]>()
    const keepIn = (records: Map<string, PacketRecord[]>) => (host: string, record: PacketRecord) => {
      if (record.timeMicros < sinceMicros) return
      const list = records.get(host)
      if (list === undefined) records.set(host, [record])
      else list.push(record)
    }
    for (const source of this.#sources) {
      const { samplingRate } = source
      source.recent.eachHeld(() => this.#offer(source.recent, samplingRate, wanted, keepIn(recent)))
      source.watched.eachHeld(() => this.#offer(source.watched, samplingRate, wanted, keepIn(watched)))
    }
    const better = new Map<string, readonly PacketRecord[]>(recent)
    for (const [host, records] of watched) {
      if (records.length > (recent.get(host)?.length ?? 0)) better.set(host, records)
    }
    return better
  }

  #offer(
    ring: SampleRingReader,
    samplingRate: number,
    wanted: Wanted,
    take: (host: string, record: PacketRecord) => void,
  ): void {
    const { entry } = ring
    const sample = this.#sample
    const outcome = decodeFrame(ring.view, entry.at, entry.end, entry.link, this.#insideTunnels, sample)
    if (outcome !== OUTCOME.decoded) return
    const { sourceA, sourceB, sourceC, sourceD, targetA, targetB, targetC, targetD } = sample
    const toTarget = wanted.hosts.get(keyOf(targetA, targetB, targetC, targetD))
    const fromSource = wanted.hosts.get(keyOf(sourceA, sourceB, sourceC, sourceD))
    const prefix =
      prefixOver(wanted.prefixes, sample.family, targetA, targetB, targetC, targetD) ??
      prefixOver(wanted.prefixes, sample.family, sourceA, sourceB, sourceC, sourceD)
    if (toTarget === undefined && fromSource === undefined && prefix === undefined) return
    const record = recordOf(ring, sample, samplingRate)
    if (!ring.isValid()) return
    if (prefix !== undefined) take(prefix, record)
    if (toTarget?.includes(record.target)) take(record.target, record)
    else if (fromSource?.includes(record.source)) take(record.source, record)
  }

  /** Entries that were overwritten before anybody read them. */
  get lost(): number {
    return this.#sources.reduce((sum, { watched }) => sum + watched.lost, 0)
  }

  readonly metrics: MetricSource = () => [
    { name: 'floodwarden_evidence_lost_samples_total', value: this.lost },
  ]
}

function recordOf(ring: SampleRingReader, sample: Sample, samplingRate: number): PacketRecord {
  const { entry } = ring
  const sampleRatio = entry.rate === 0 ? samplingRate : entry.rate
  const text = (a: number, b: number, c: number, d: number) =>
    formatAddress(sample.family === 6 ? addressOfWords(a, b, c, d) : addressOfWord(a))
  return {
    timeMicros: entry.seconds * 1e6 + Math.floor(entry.nanoseconds / 1000),
    source: text(sample.sourceA, sample.sourceB, sample.sourceC, sample.sourceD),
    target: text(sample.targetA, sample.targetB, sample.targetC, sample.targetD),
    sourcePort: sample.sourcePort,
    targetPort: sample.targetPort,
    protocol: sample.protocol,
    tcpFlags: sample.tcpFlags,
    isFragment: sample.isFragment === 1,
    ttl: sample.ttl,
    bytes: entry.bytes,
    weight: entry.weight * samplingRate,
    sampleRatio,
    ...(entry.told === 0 ? {} : { recordPackets: entry.told }),
    bytesCaptured: ring.frame(),
    linkType: entry.link,
  }
}
