// The telemetry workers of all listeners: started, heard, asked and stopped.

import type { ExporterEvent } from '#2-decode/exporter.ts'
import type { ExporterListConfig } from '#2-decode/exporter-list.ts'
import type { ExporterArchive } from '#2-decode/templates-archive.ts'
import type { ExemptConfig } from '#3-traffic/exempt.ts'
import { CONTROL } from '#3-traffic/host-tables.ts'
import type { SlotCounts } from '#3-traffic/metrics.ts'
import { tablesForRecords } from '#3-traffic/record-tables.ts'
import type { CountedSource } from '#3-traffic/speed.ts'
import { reserveLargePages } from '#lib/linux/large-pages.ts'
import type { Logger } from '#lib/log/logger.ts'
import { exemptOf } from '../capture/counting-options.ts'
import {
  type CrewMember,
  callWorker,
  controlSum,
  followBeats,
  newMember,
  sendPlan,
  silentSeconds,
  startCrew,
  stopCrew,
} from '../capture/worker-crew.ts'
import type { ResolvedConfig } from '../config/config.ts'
import type { InterfacesFacts } from './interface-facts.ts'
import { LineQuota } from './line-quota.ts'
import { recordCountingOf } from './record-options.ts'
import { listenerPlans, listenText, streamPlans } from './sockets.ts'
import type {
  ArchivedExporters,
  OpenedSocket,
  Receiver,
  TelemetryMessage,
  TelemetryRequest,
  TelemetryTask,
  WorkerFacts,
} from './task.ts'

export interface ListenerState {
  readonly worker: number
  /** As `listenText` has it. */
  readonly listen: string
  /** Missing until it listens. */
  readonly receiver: Receiver | undefined
  readonly receiveBytes: number
  readonly wantedBytes: number
  /** Why it does not listen. */
  readonly problem: string | undefined
  /** Missing until the worker has answered once. */
  readonly facts: WorkerFacts | undefined
  readonly silentSeconds: number
}

interface Member extends CrewMember {
  readonly task: TelemetryTask
  receiver: Receiver | undefined
  receiveBytes: number
  problem: string | undefined
  facts: WorkerFacts | undefined
  readonly waiting: Map<number, (message: TelemetryMessage) => void>
}

export interface TelemetryOptions {
  readonly config: ResolvedConfig
  readonly seed: number
  readonly log: Logger
  /** Sockets that were opened already, in the order of `listenerPlans`. */
  readonly sockets?: readonly (OpenedSocket | undefined)[] | undefined
}

/** What a worker is asked, without the number of the question. */
type Asked =
  | { readonly kind: 'facts' | 'archive' }
  | { readonly kind: 'interfaces'; readonly address: string }

/** A worker answers between two batches. */
const ANSWER_MS = 1000

export class TelemetryCrew {
  readonly #members: readonly Member[]
  readonly #log: Logger
  readonly #lines: LineQuota
  #asked = 0
  readonly sources: readonly CountedSource[]

  constructor(options: TelemetryOptions) {
    this.#log = options.log
    this.#lines = new LineQuota(skipped =>
      this.#log.warn('exporters change so often that not all of it is told', { skipped }),
    )
    this.#members = tasksOf(options).map(task => ({
      task,
      ...newMember(),
      receiver: undefined,
      receiveBytes: 0,
      problem: undefined,
      facts: undefined,
      waiting: new Map(),
    }))
    // Records are multiplied when they are counted, each by its own rate.
    this.sources = this.#members.map(({ task }) => ({ tables: task.tables, samplingRate: 1 }))
  }

  get isEmpty(): boolean {
    return this.#members.length === 0
  }

  /**
   * Starts the workers; settles when each listens or has said why it cannot yet. `died`: one ended by a mistake of ours.
   * `archive` is what earlier runs were taught, by address.
   */
  start(
    died: (error: unknown) => void,
    archive: ReadonlyMap<string, ExporterArchive> = new Map(),
  ): Promise<void> {
    return startCrew<Member, TelemetryMessage>(this.#members, {
      file: new URL('./telemetry-worker.ts', import.meta.url),
      dataOf: ({ task }) => ({ ...task, archive }) satisfies TelemetryTask,
      heard: (member, message) => this.#heard(member, message),
      died,
    })
  }

  #heard(member: Member, message: TelemetryMessage): void {
    const listen = listenText(member.task.plan)
    switch (message.kind) {
      case 'listening':
        this.#listens(member, message, listen)
        break
      case 'trouble':
        member.problem = message.problem
        this.#log.warn('no flow telemetry, trying again every 5 s', { listen, problem: message.problem })
        break
      case 'planned':
        member.planned = message.plan
        break
      case 'events':
        for (const { exporter, event } of message.events) {
          if (this.#lines.mayWrite()) this.#tell(exporter, event)
        }
        for (const exporter of message.refused)
          this.#log.warn('an exporter is refused: it is not in telemetry.exporters', { exporter, listen })
        break
      case 'facts':
        member.facts = message.facts
        member.waiting.get(message.id)?.(message)
        break
      case 'archive':
      case 'interfaces':
        member.waiting.get(message.id)?.(message)
        break
    }
  }

  #listens(
    member: Member,
    { receiver, receiveBytes, fallback }: Extract<TelemetryMessage, { kind: 'listening' }>,
    listen: string,
  ): void {
    Object.assign(member, { receiver, receiveBytes, problem: undefined })
    const facts = { listen, worker: member.task.worker, queueKib: receiveBytes >> 10 }
    this.#log.info('receiving flow telemetry', facts)
    if (fallback !== undefined) {
      const words =
        'datagrams are received one by one through node:dgram, because system calls cannot be made'
      this.#log.warn(words, { listen, problem: fallback })
    }
    const wanted = member.task.plan.receiveBytes
    if (receiveBytes < wanted / 2) {
      const remedy = `sysctl -w net.core.rmem_max=${wanted}, or CAP_NET_ADMIN at the start`
      this.#log.warn('the queue for datagrams is smaller than configured', { ...facts, remedy })
    }
  }

  #tell(exporter: string, event: ExporterEvent): void {
    const { domain } = event
    switch (event.kind) {
      case 'rateChanged': {
        const { sampler, from, to } = event
        const facts = { exporter, domain, ...(sampler < 0 ? {} : { sampler }), rate: to }
        if (from === 0) this.#log.info('an exporter tells its sampling rate', facts)
        else this.#log.info('an exporter tells another sampling rate', { ...facts, before: from })
        break
      }
      case 'templateChanged':
        this.#log.info('an exporter has changed a template', { exporter, domain, template: event.template })
        break
      case 'restarted':
        this.#log.info('an exporter has begun anew', { exporter, domain })
        break
    }
  }

  get states(): readonly ListenerState[] {
    return this.#members.map(member => {
      const { task, receiver, receiveBytes, problem, facts } = member
      return {
        ...{ worker: task.worker, listen: listenText(task.plan), receiver, receiveBytes },
        ...{ wantedBytes: task.plan.receiveBytes, problem, facts, silentSeconds: silentSeconds(member) },
      }
    })
  }

  /** To be called every second. */
  follow(): void {
    followBeats(this.#members)
  }

  /** Has the facts behind `states` gathered anew; settles with those at hand when a worker does not answer. */
  async refresh(): Promise<void> {
    await Promise.all(this.#members.map(member => this.#ask(member, { kind: 'facts' })))
  }

  /** What the exporters have taught, of all workers that answer. */
  async archives(): Promise<ArchivedExporters> {
    const answers = await Promise.all(this.#members.map(member => this.#ask(member, { kind: 'archive' })))
    return answers.flatMap(answer => (answer?.kind === 'archive' ? answer.archive : []))
  }

  /** Of the workers that answer and know the exporter. */
  async interfaces(address: string): Promise<readonly InterfacesFacts[]> {
    const answers = await Promise.all(
      this.#members.map(member => this.#ask(member, { kind: 'interfaces', address })),
    )
    return answers.flatMap(answer => (answer?.kind === 'interfaces' ? (answer.facts ?? []) : []))
  }

  #ask(member: Member, asked: Asked): Promise<TelemetryMessage | undefined> {
    const { thread, waiting, task } = member
    if (thread === undefined) return Promise.resolve(undefined)
    const id = ++this.#asked
    const { promise, resolve } = Promise.withResolvers<TelemetryMessage | undefined>()
    const late = setTimeout(() => resolve(undefined), ANSWER_MS)
    waiting.set(id, resolve)
    thread.postMessage({ ...asked, id } satisfies TelemetryRequest)
    callWorker(task.tables)
    return promise.finally(() => {
      clearTimeout(late)
      waiting.delete(id)
    })
  }

  get slotCounts(): SlotCounts {
    const sum = (word: number) => controlSum(this.#members, word)
    return {
      evicted: sum(CONTROL.hostsEvicted),
      refused: sum(CONTROL.hostsRefused),
      released: sum(CONTROL.hostsReleased),
      samplesSkipped: sum(CONTROL.watchSkipped),
      used: sum(CONTROL.slotsUsed),
      ipv6: sum(CONTROL.hostsV6),
    }
  }

  /** As `CaptureCrew.plan`: gives how many workers have not answered. Without `exporters` these stay as they are. */
  async plan(
    networks: readonly string[] | undefined,
    exempt: ExemptConfig,
    exporters?: ExporterListConfig,
  ): Promise<number> {
    const plan = ++this.#asked
    const send = {
      kind: 'plan',
      plan,
      exempt,
      ...(networks === undefined ? {} : { networks }),
      ...(exporters === undefined ? {} : { exporters }),
    } satisfies TelemetryRequest
    return sendPlan(this.#members, send)
  }

  stop(): Promise<void> {
    return stopCrew(this.#members)
  }
}

function tasksOf({ config, seed, sockets = [] }: TelemetryOptions): TelemetryTask[] {
  const { telemetry, capture, traffic } = config
  return [...listenerPlans(telemetry), ...streamPlans(telemetry)].map((plan, worker) => ({
    ...{ worker, plan, socket: sockets[worker], archive: new Map() },
    tables: tablesForRecords(traffic.hostsMax, capture.snapBytes, reserveLargePages),
    networks: config.networks,
    exempt: exemptOf(config),
    counting: recordCountingOf(config, seed),
    exporters: telemetry,
    insideTunnels: capture.tunnels === 'inner',
  }))
}
