// Packets collected for open attacks: so many for each, not longer than a deadline, within one bound for all.

import type { MetricSource } from '#lib/metrics/metric.ts'
import type { PacketRecord } from './evidence.ts'

/** Collects packets of one attack until it has enough. */
export class PacketCollector {
  readonly wanted: number
  /** On the clock of the caller, in milliseconds; afterwards what there is has to do. */
  readonly deadline: number
  readonly #packets: PacketRecord[] = []

  constructor(wanted: number, deadline: number) {
    this.wanted = wanted
    this.deadline = deadline
  }

  /** Keeps the packet unless there are enough; true when there are enough now. */
  add(record: PacketRecord): boolean {
    if (this.#packets.length < this.wanted) this.#packets.push(record)
    return this.isFull
  }

  get isFull(): boolean {
    return this.#packets.length >= this.wanted
  }

  isDue(now: number): boolean {
    return this.isFull || now >= this.deadline
  }

  get packets(): readonly PacketRecord[] {
    return this.#packets
  }
}

/**
 * The collectors of all attacks that still collect. Together they hold at most `packetsMax` packets: an attack that
 * opens when this is nearly promised gets what is left, perhaps nothing, and is counted as curtailed.
 */
export class PacketCollections {
  readonly #packetsMax: number
  readonly #collectors = new Map<string, PacketCollector>()
  #promised = 0
  #full = 0
  #partial = 0
  #curtailed = 0

  constructor(packetsMax: number) {
    this.#packetsMax = packetsMax
  }

  /** Begins to collect for an attack; one that collects already goes on as it is. */
  open(attackId: string, wanted: number, deadline: number): void {
    if (this.#collectors.has(attackId)) return
    const granted = Math.min(wanted, this.#packetsMax - this.#promised)
    if (granted < wanted) this.#curtailed++
    this.#promised += granted
    this.#collectors.set(attackId, new PacketCollector(granted, deadline))
  }

  isCollecting(attackId: string): boolean {
    return this.#collectors.get(attackId)?.isFull === false
  }

  /** Keeps a packet of an attack; true when its collection is full now (or there is none). */
  add(attackId: string, record: PacketRecord): boolean {
    return this.#collectors.get(attackId)?.add(record) ?? true
  }

  /** Attacks whose packets may be taken: full, or past the deadline. */
  due(now: number): string[] {
    return [...this.#collectors].filter(([, collector]) => collector.isDue(now)).map(([attackId]) => attackId)
  }

  /** Ends the collection of an attack and hands its packets over; empty when there was none. */
  take(attackId: string): readonly PacketRecord[] {
    const collector = this.#collectors.get(attackId)
    if (collector === undefined) return []
    this.#collectors.delete(attackId)
    this.#promised -= collector.wanted
    if (collector.isFull) this.#full++
    else this.#partial++
    return collector.packets
  }

  readonly metrics: MetricSource = () => [
    { name: 'floodwarden_evidence_collections_total', value: this.#full, labels: { end: 'full' } },
    { name: 'floodwarden_evidence_collections_total', value: this.#partial, labels: { end: 'deadline' } },
    { name: 'floodwarden_evidence_curtailed_collections_total', value: this.#curtailed },
    { name: 'floodwarden_evidence_promised_packets', value: this.#promised },
  ]
}
