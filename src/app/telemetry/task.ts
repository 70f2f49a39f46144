// What a telemetry worker is told when it starts and later, and what it tells in return. Counts go through shared memory.

import type { TelemetryConfig } from '#1-capture/udp/config.ts'
import type { ExporterEvent } from '#2-decode/exporter.ts'
import type { ExporterListConfig } from '#2-decode/exporter-list.ts'
import type { ExporterArchive } from '#2-decode/templates-archive.ts'
import type { RecordCountingOptions } from '#3-traffic/counting-records.ts'
import type { ExemptConfig } from '#3-traffic/exempt.ts'
import type { HostTables } from '#3-traffic/host-tables.ts'
import type { ListenAddress } from '#lib/listen-address.ts'
import type { CapturePlan } from '../capture/task.ts'
import type { ExporterFacts } from './exporter-facts.ts'
import type { InterfacesFacts } from './interface-facts.ts'

/** How telemetry is received. */
export type Receiver = TelemetryConfig['receiver'] | 'tcp'

/** Connections that are open, and those that we closed, by the reason. */
export interface ConnectionCounts {
  readonly open: number
  readonly unlisted: number
  readonly overflow: number
  readonly malformed: number
  readonly idle: number
}

/** One of the sockets of a listener. */
export interface ListenerPlan {
  readonly listen: ListenAddress
  /** Sockets that share the port. */
  readonly sockets: number
  readonly ipv6Only: boolean
  readonly receiveBytes: number
  readonly receiver: Receiver
}

export interface TelemetryTask {
  readonly worker: number
  readonly plan: ListenerPlan
  /** A socket that was opened while more was allowed; it belongs to the worker from now on. */
  readonly socket: OpenedSocket | undefined
  readonly tables: HostTables
  readonly networks: readonly string[]
  readonly exempt: ExemptConfig
  readonly counting: Omit<RecordCountingOptions, 'prefixes' | 'headerAt'>
  readonly exporters: ExporterListConfig
  readonly insideTunnels: boolean
  /** What earlier runs were taught, by address. */
  readonly archive: ReadonlyMap<string, ExporterArchive>
}

export interface OpenedSocket {
  readonly fd: number
  readonly port: number
  readonly receiveBytes: number
}

/** What changes while it runs. */
export interface TelemetryPlan extends CapturePlan {
  /** Missing: as they are. */
  readonly exporters?: ExporterListConfig
}

/** To the worker. */
export type TelemetryRequest =
  | ({ readonly kind: 'plan' } & TelemetryPlan)
  | { readonly kind: 'facts'; readonly id: number }
  | { readonly kind: 'archive'; readonly id: number }
  | { readonly kind: 'interfaces'; readonly id: number; readonly address: string }

/** How a worker and the exporters it listens to fare. */
export interface WorkerFacts {
  readonly exporters: readonly ExporterFacts[]
  /** Addresses that are not allowed, with their datagrams; the first 64. */
  readonly refused: readonly (readonly [address: string, datagrams: number])[]
  readonly refusedDatagrams: number
  /** The same since the list of exporters changed last. */
  readonly refusedByList: number
  readonly overflowDatagrams: number
  /** Datagrams of no protocol we know from addresses that never sent another one. */
  readonly strayDatagrams: number
  readonly datagrams: number
  /** Dropped by the kernel because the queue was full. */
  readonly drops: number
  readonly queuedBytes: number
  /** Missing but for TCP. */
  readonly connections: ConnectionCounts | undefined
  readonly spread: {
    readonly used: number
    readonly refused: number
    readonly lost: number
    readonly beyondPackets: number
  }
}

export type ArchivedExporters = readonly (readonly [address: string, archive: ExporterArchive])[]

/** What an operator should hear of an exporter. */
export interface ToldEvent {
  readonly exporter: string
  readonly event: ExporterEvent
}

/** To the main thread. */
export type TelemetryMessage =
  | {
      readonly kind: 'listening'
      readonly port: number
      readonly receiveBytes: number
      readonly receiver: Receiver
      /** Why it is not the receiver that was asked for. */
      readonly fallback: string | undefined
    }
  /** It cannot listen and tries again. */
  | { readonly kind: 'trouble'; readonly problem: string }
  | { readonly kind: 'planned'; readonly plan: number }
  | {
      readonly kind: 'events'
      readonly events: readonly ToldEvent[]
      /** Addresses refused for the first time. */
      readonly refused: readonly string[]
    }
  | { readonly kind: 'facts'; readonly id: number; readonly facts: WorkerFacts }
  | { readonly kind: 'archive'; readonly id: number; readonly archive: ArchivedExporters }
  /** `facts` missing: it does not know the exporter. */
  | { readonly kind: 'interfaces'; readonly id: number; readonly facts: InterfacesFacts | undefined }
