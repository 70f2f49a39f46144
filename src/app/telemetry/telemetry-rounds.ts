// What a telemetry worker does in turns: takes datagrams, answers, has spread records counted, reports.

import { type DatagramMemory, PLACE_BYTES } from '#1-capture/udp/datagram-memory.ts'
import type { ExporterListConfig } from '#2-decode/exporter-list.ts'
import { archiveExporter } from '#2-decode/templates-archive.ts'
import { CountedTo } from '#3-traffic/counted-to.ts'
import type { ChangeableRecords } from '#3-traffic/counting-records.ts'
import { compileExempt } from '#3-traffic/exempt.ts'
import { CONTROL } from '#3-traffic/host-tables.ts'
import { prefixesOf } from '#3-traffic/hostgroup.ts'
import { steadyMs } from '#lib/steady-ms.ts'
import type { PlanInbox } from '../capture/plan-inbox.ts'
import { exporterFacts } from './exporter-facts.ts'
import type { FlowCollector } from './flow-collector.ts'
import { interfaceFacts } from './interface-facts.ts'
import type { RecordLooks } from './record-looks.ts'
import type { TelemetryMessage, TelemetryRequest, ToldEvent, WorkerFacts } from './task.ts'
import type { Reception, Turns } from './turns.ts'

export interface RoundsOptions {
  readonly memory: DatagramMemory
  readonly bound: ChangeableRecords
  readonly collector: FlowCollector
  readonly looks: RecordLooks
  readonly inbox: PlanInbox<TelemetryRequest>
  readonly control: Int32Array
  readonly tell: (message: TelemetryMessage) => void
}

const REPORT_MS = 1000
const EXPIRE_MS = 5000
/** What is spread is counted in steps of at least so long. */
const SPREAD_STEP_MS = 10
/** Events of exporters told in one report, about; beyond that they wait for the next one. */
const EVENTS_MAX = 32

export class TelemetryRounds implements Turns {
  /** Missing while it cannot be opened. */
  reception: Reception | undefined
  readonly #options: RoundsOptions
  readonly #toldRefused = new Set<string>()
  readonly #countedTo: CountedTo
  /** The exporter whose events are told first in the next report, by its place. */
  #toldNext = 0
  /** Of the batch in hand, by the steady clock. */
  #now = 0
  #spreadAt = 0
  #reportAt = 0
  #expireAt = 0

  constructor(options: RoundsOptions) {
    this.#options = options
    this.#countedTo = new CountedTo(options.control)
  }

  isStopped(): boolean {
    return Atomics.load(this.#options.control, CONTROL.stop) !== 0
  }

  pause(milliseconds: number): void {
    this.#options.inbox.wait(milliseconds)
  }

  take(place: number, bytes: number, nowMs: number): void {
    const { collector, memory } = this.#options
    const at = place * PLACE_BYTES
    collector.datagram(at, at + bytes, memory, nowMs, this.#now)
  }

  takeMessage(bytes: number, nowMs: number, session: number): boolean {
    const { collector, memory } = this.#options
    return collector.message(0, bytes, memory, nowMs, this.#now, session)
  }

  admits(): boolean {
    return this.#options.collector.admits(this.#options.memory)
  }

  endSession(session: number): void {
    this.#options.collector.endSession(this.#options.memory, session)
  }

  /** Before the datagrams of a batch are taken, and when none came. */
  turn(): void {
    const { bound, collector } = this.#options
    const { counting } = bound
    this.answer()
    counting.syncEpoch()
    this.#now = steadyMs()
    const now = performance.now()
    if (now >= this.#spreadAt) {
      this.#spreadAt = now + SPREAD_STEP_MS
      counting.advance(now)
    } else counting.publish()
    if (now < this.#reportAt) return
    this.#reportAt = now + REPORT_MS
    this.report()
    if (now < this.#expireAt) return
    this.#expireAt = now + EXPIRE_MS
    collector.expire(Date.now(), steadyMs())
  }

  drained(datagrams: number, nowMs: number): void {
    const { control } = this.#options
    this.#countedTo.silence(nowMs)
    control[CONTROL.captured] = (control[CONTROL.captured]! + datagrams) | 0
  }

  /** Answers what was asked since it last looked; costs a load when nothing was. */
  answer(): void {
    const { bound, collector, looks, inbox, tell } = this.#options
    for (const sent of inbox.fresh()) {
      switch (sent.kind) {
        case 'plan':
          if (sent.networks !== undefined) {
            bound.changeNetworks(prefixesOf(sent.networks))
            looks.changeNetworks(prefixesOf(sent.networks))
          }
          if (sent.exporters !== undefined) this.#changeExporters(sent.exporters)
          collector.exempt = compileExempt(sent.exempt)
          tell({ kind: 'planned', plan: sent.plan })
          break
        case 'facts':
          tell({ kind: 'facts', id: sent.id, facts: this.#facts() })
          break
        case 'interfaces': {
          const known = [...collector.exporters.all()].find(({ state }) => state.address === sent.address)
          const facts = known && interfaceFacts(known, steadyMs())
          tell({ kind: 'interfaces', id: sent.id, facts })
          break
        }
        case 'archive': {
          const archive = [...collector.exporters.all()].map(
            ({ state }) => [state.address, archiveExporter(state)] as const,
          )
          tell({ kind: 'archive', id: sent.id, archive })
          break
        }
      }
    }
  }

  /** Events of who leaves are told before; who is refused by the new list is told anew. */
  #changeExporters(config: ExporterListConfig): void {
    this.report()
    this.#options.collector.changeExporters(config)
    this.#toldRefused.clear()
    this.#toldNext = 0
  }

  /** Shows that it lives, and tells what an operator should hear. */
  report(): void {
    const { collector, control, tell } = this.#options
    control[CONTROL.heartbeat] = ((control[CONTROL.heartbeat] ?? 0) + 1) | 0
    this.reception?.statistics()
    const events = this.#takeEvents()
    const refused = [...collector.exporters.refused.keys()].filter(address => !this.#toldRefused.has(address))
    for (const address of refused) this.#toldRefused.add(address)
    if (events.length + refused.length > 0) tell({ kind: 'events', events, refused })
  }

  /** Goes on where the last report ended: an exporter that always has something to tell must not silence those behind it. */
  #takeEvents(): ToldEvent[] {
    const known = [...this.#options.collector.exporters.all()]
    const events: ToldEvent[] = []
    for (let looked = 0; looked < known.length && events.length < EVENTS_MAX; looked++) {
      const state = known[this.#toldNext % known.length]?.state
      this.#toldNext = (this.#toldNext + 1) % known.length
      for (const event of state?.takeEvents() ?? []) events.push({ exporter: state?.address ?? '', event })
    }
    return events
  }

  #facts(): WorkerFacts {
    const { bound, collector, looks } = this.#options
    const { exporters, datagrams, strayDatagrams } = collector
    const { used, refused, lost } = bound.counting.spread()
    const nothing = { drops: 0, queuedBytes: 0, connections: undefined }
    return {
      exporters: [...exporters.all()].map(known => exporterFacts(known, looks.of(known))),
      refused: [...exporters.refused],
      refusedDatagrams: exporters.refusedDatagrams,
      refusedByList: exporters.refusedByList,
      overflowDatagrams: exporters.overflowDatagrams,
      ...{ strayDatagrams, datagrams },
      ...(this.reception?.statistics() ?? nothing),
      spread: { used, refused, lost, beyondPackets: bound.counting.COUNTS.beyondPackets },
    }
  }
}
