// Flow telemetry in a capture file: datagrams to the ports of exporters are decoded and counted by the file's clock.

import type { PcapFile } from '#1-capture/pcap-file/pcap-file.ts'
import { decodeFrame } from '#2-decode/frame/decode-frame.ts'
import { PROTOCOL } from '#2-decode/frame/transport.ts'
import { OUTCOME, Sample } from '#2-decode/sample.ts'
import { bindRecords, type RecordCounting } from '#3-traffic/counting-records.ts'
import { compileExempt } from '#3-traffic/exempt.ts'
import { prefixesOf } from '#3-traffic/hostgroup.ts'
import { tablesForRecords } from '#3-traffic/record-tables.ts'
import type { CountedSource } from '#3-traffic/speed.ts'
import { parseListenAddress } from '#lib/listen-address.ts'
import { exemptOf } from '../capture/counting-options.ts'
import type { ResolvedConfig } from '../config/config.ts'
import { exporterFacts } from '../telemetry/exporter-facts.ts'
import { joined, lostOf, sumOf } from '../telemetry/exporters-view.ts'
import { FlowCollector } from '../telemetry/flow-collector.ts'
import { recordCountingOf } from '../telemetry/record-options.ts'

/** What was made of the telemetry in a file. */
export interface TelemetryFacts {
  readonly datagrams: number
  /** Of those: fragmented or cut, so that they could not be read. */
  readonly cut: number
  readonly records: number
  readonly lostDatagrams: number
  readonly lostRecords: number
  readonly unknownTemplates: number
  readonly exporters: readonly string[]
}

/** Where exporters send to when nobody says: sFlow, NetFlow, IPFIX, and what else is usual for NetFlow. */
const USUAL_PORTS = [6343, 2055, 4739, 9995, 9996] as const
const UDP_BYTES = 8
const EXPIRE_SECONDS = 5

/** The ports whose datagrams are telemetry: those of the configuration; `isWanted` takes the usual ones when it has none. */
export function telemetryPorts({ telemetry }: ResolvedConfig, isWanted: boolean): ReadonlySet<number> {
  const ports = telemetry.listen.flatMap(text => parseListenAddress(text)?.port ?? [])
  return new Set(ports.length === 0 && isWanted ? USUAL_PORTS : ports)
}

export class TelemetryReplay {
  readonly source: CountedSource
  readonly #config: ResolvedConfig
  readonly #file: PcapFile
  readonly #ports: ReadonlySet<number>
  readonly #sample = new Sample()
  #bound: { readonly counting: RecordCounting; readonly collector: FlowCollector } | undefined
  #cut = 0
  #expireAt = 0

  constructor(config: ResolvedConfig, file: PcapFile, ports: ReadonlySet<number>) {
    this.#config = config
    this.#file = file
    this.#ports = ports
    this.source = {
      tables: tablesForRecords(config.traffic.hostsMax, config.capture.snapBytes),
      samplingRate: 1,
    }
  }

  async bind(seed: number): Promise<void> {
    const { buffer, spareAt } = this.#file
    const { tables } = this.source
    const { telemetry, capture, networks } = this.#config
    const { counting } = await bindRecords(tables, buffer, {
      ...recordCountingOf(this.#config, seed),
      ...{ prefixes: prefixesOf(networks), headerAt: spareAt },
    })
    const collector = new FlowCollector({
      ...{ memory: buffer, headerAt: spareAt, counting, totals: tables.totals, exporters: telemetry },
      insideTunnels: capture.tunnels === 'inner',
    })
    collector.exempt = compileExempt(exemptOf(this.#config))
    this.#bound = { counting, collector }
  }

  /** Whether the packet the file stands at is telemetry; it is decoded and counted then. */
  takes(): boolean {
    const { view, at, captured, link, seconds, nanoseconds } = this.#file
    const sample = this.#sample
    const outcome = decodeFrame(view, at, at + captured, link, false, sample)
    if (
      outcome !== OUTCOME.decoded ||
      sample.protocol !== PROTOCOL.udp ||
      !this.#ports.has(sample.targetPort)
    )
      return false
    const first = sample.transportOffset + UDP_BYTES
    const bytes = view.getUint16(sample.transportOffset + 4) - UDP_BYTES
    if (sample.isFragment === 1 || bytes < 0 || first + bytes > at + captured) {
      this.#cut++
      return true
    }
    const { family, sourceA: a, sourceB: b, sourceC: c, sourceD: d } = sample
    const nowMs = seconds * 1000 + nanoseconds / 1e6
    this.#bound?.collector.datagram(first, first + bytes, { family, a, b, c, d }, nowMs, nowMs)
    return true
  }

  /** Counts what is due until the end of a tick, so many seconds from the first packet. */
  advance(elapsedSeconds: number, wallMs: number): void {
    const bound = this.#bound
    if (bound === undefined) return
    bound.counting.advance(elapsedSeconds * 1000)
    if (elapsedSeconds < this.#expireAt) return
    this.#expireAt = elapsedSeconds + EXPIRE_SECONDS
    bound.collector.expire(wallMs, elapsedSeconds * 1000)
  }

  syncEpoch(): void {
    this.#bound?.counting.syncEpoch()
  }

  /** Whether records have still to be counted. */
  get isSpreading(): boolean {
    return (this.#bound?.counting.spread().used ?? 0) > 0
  }

  get facts(): TelemetryFacts {
    const collector = this.#bound?.collector
    const exporters = joined(
      [...(collector?.exporters.all() ?? [])].map(known => exporterFacts(known)),
    ).flat()
    const lost = lostOf(exporters)
    return {
      datagrams: (collector?.datagrams ?? 0) + this.#cut,
      cut: this.#cut,
      records: sumOf(exporters, ({ counters }) => counters.records),
      lostDatagrams: lost.datagrams,
      lostRecords: lost.records,
      unknownTemplates: sumOf(exporters, ({ counters }) => counters.unknownTemplateSets),
      exporters: exporters.map(({ address }) => address),
    }
  }
}
