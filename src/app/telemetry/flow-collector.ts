// From datagrams to counters: finds the exporter, decodes, leaves out what is not to be counted, counts the rest.

import { EXPORT_PROTOCOL, exportProtocolOf } from '#2-decode/export-protocol.ts'
import {
  ExporterList,
  type ExporterListConfig,
  ExporterRules,
  type KnownExporter,
} from '#2-decode/exporter-list.ts'
import { decodeFlowExport } from '#2-decode/flow-decoder.ts'
import { FlowRecord } from '#2-decode/flow-record.ts'
import { allowedOf } from '#2-decode/join-archives.ts'
import { expireExporter, forgetSession } from '#2-decode/templates.ts'
import { type ExporterArchive, restoreExporter } from '#2-decode/templates-archive.ts'
import type { RecordCounting } from '#3-traffic/counting-records.ts'
import type { Exempt } from '#3-traffic/exempt.ts'
import { type HostTables, TOTAL } from '#3-traffic/host-tables.ts'
import { addressOfWord, addressOfWords } from '#3-traffic/network-table.ts'
import type { RecordLooks } from './record-looks.ts'

export interface CollectorOptions {
  /** Memory that datagrams lie in and `counting` is bound to. */
  readonly memory: ArrayBuffer
  readonly headerAt: number
  readonly counting: RecordCounting
  readonly totals: HostTables['totals']
  readonly exporters: ExporterListConfig
  /** Whether what tunnels carry is counted. */
  readonly insideTunnels: boolean
  readonly archive?: ReadonlyMap<string, ExporterArchive>
  /** Who looks at some of the records for doctor; missing: nobody. */
  readonly looks?: RecordLooks
}

/** Whom a datagram comes from: IP version, and the address as words of the wire (little-endian; IPv4 has one). */
export interface Sender {
  readonly family: number
  readonly a: number
  readonly b: number
  readonly c: number
  readonly d: number
}

export class FlowCollector {
  readonly exporters: ExporterList
  /** What is left out now; `undefined`: nothing. */
  exempt: Exempt | undefined
  /** All datagrams, and those of no known protocol from addresses that never sent another one. */
  datagrams = 0
  strayDatagrams = 0
  readonly #options: CollectorOptions
  readonly #view: DataView
  readonly #record = new FlowRecord()
  #exporter: KnownExporter | undefined
  #archive: ReadonlyMap<string, ExporterArchive>

  constructor(options: CollectorOptions) {
    this.#options = options
    this.#view = new DataView(options.memory)
    this.exporters = new ExporterList(options.exporters)
    this.#archive = options.archive ?? new Map()
  }

  /** Goes on by another list of exporters. Who is not in it is forgotten, with what he taught an earlier run. */
  changeExporters(config: ExporterListConfig): void {
    this.exporters.change(config)
    this.#options.looks?.forget()
    this.#archive = allowedOf(this.#archive, new ExporterRules(config))
  }

  /**
   * Takes the datagram that lies between `at` and `end` of the memory and arrived at `nowMs` (ms since 1970), which is
   * `now` in milliseconds of the steady clock.
   */
  datagram(at: number, end: number, sender: Sender, nowMs: number, now: number): void {
    this.message(at, end, sender, nowMs, now, 0)
  }

  /** The same for a message of a connection, whose number is `session`. False when its exporter is not listened to. */
  message(at: number, end: number, sender: Sender, nowMs: number, now: number, session: number): boolean {
    this.datagrams++
    const { family, a, b, c, d } = sender
    const known = this.exporters.find(family, a, b, c, d) ?? this.#admit(at, end, sender, nowMs, now)
    if (known === undefined) return false
    known.heardAt = now
    known.state.session = session
    this.#exporter = known
    this.#options.looks?.pace(now)
    const protocol = decodeFlowExport(this.#view, at, end, known.state, nowMs, this.#record, this.#take)
    if (protocol === EXPORT_PROTOCOL.unknown) known.unknownProtocol++
    return true
  }

  /** Whether an address may have a connection. */
  admits({ family, a, b, c, d }: Sender): boolean {
    return this.exporters.admits(family === 6 ? addressOfWords(a, b, c, d) : addressOfWord(a))
  }

  /** A connection has ended: what it taught is forgotten. */
  endSession({ family, a, b, c, d }: Sender, session: number): void {
    const known = this.exporters.find(family, a, b, c, d)
    if (known !== undefined) forgetSession(known.state, session)
  }

  /** Forgets what its time is over; to be called every few seconds. `now` is of the steady clock. */
  expire(nowMs: number, now: number): void {
    for (const { state } of this.exporters.all()) {
      expireExporter(state, nowMs)
      state.traffic.roll(now)
    }
  }

  /** Whoever sends nothing we know is not remembered: a scan must not fill the list. */
  #admit(at: number, end: number, sender: Sender, nowMs: number, now: number): KnownExporter | undefined {
    const { family, a, b, c, d } = sender
    if (exportProtocolOf(this.#view, at, end) === EXPORT_PROTOCOL.unknown) {
      this.strayDatagrams++
      return undefined
    }
    const address = family === 6 ? addressOfWords(a, b, c, d) : addressOfWord(a)
    const known = this.exporters.admit(address, [a, b, c, d], nowMs, now)
    if (known === undefined) return undefined
    known.state.traffic.begin(now)
    known.state.insideTunnels = this.#options.insideTunnels
    const kept = this.#archive.get(known.state.address)
    if (kept !== undefined) restoreExporter(known.state, kept, nowMs)
    return known
  }

  readonly #take = (record: FlowRecord): void => {
    const exporter = this.#exporter
    if (exporter === undefined) return
    if (exporter.rule !== undefined && !exporter.counts(record)) {
      exporter.notCounted++
      return
    }
    if (this.exempt !== undefined && this.#isExempt(this.exempt, record)) return
    this.#options.looks?.see(record, exporter)
    exporter.state.traffic.count(record)
    this.#options.counting.countRecord(record, record.frameAt, record.frameLength, record.frameLink)
  }

  #isExempt(exempt: Exempt, record: FlowRecord): boolean {
    const { counting, headerAt, totals } = this.#options
    const { sample } = record
    if (record.frameLength === 0) {
      counting.makeHeader(record)
      sample.ipOffset = headerAt
      sample.ipLength = Math.min(65_535, counting.meanBytes(record))
    }
    if (!exempt(sample, this.#view, sample.vlan)) return false
    totals[TOTAL.exempt] = ((totals[TOTAL.exempt] ?? 0) + Math.round(record.packets * record.rate)) | 0
    totals[TOTAL.exempt + 1] = ((totals[TOTAL.exempt + 1] ?? 0) + Math.round(record.bytes * record.rate)) | 0
    return true
  }
}
