// What an exporter sends: speeds of everything, of our networks and of hosts at one moment, as columns of numbers.

import type { TotalDirection } from '#3-traffic/totals.ts'

/** Averages per second of hosts; row by row, incoming and outgoing. */
export interface HostColumns {
  readonly count: number
  /** 4 or 6. */
  readonly families: Uint8Array
  /** Four words per host as on the wire (little-endian words); an IPv4 address is the first. */
  readonly addresses: Int32Array
  readonly packets: Float32Array
  readonly bytes: Float32Array
  readonly flows: Float32Array
  /** By direction ten numbers: packets and bytes of udp, tcp, tcp with SYN, icmp, fragments. Empty unless asked for. */
  readonly classes: Float32Array
}

/** Averages per second of networks: `rows` by METRIC (3-traffic/metric.ts), incoming and outgoing. */
export interface NetworkColumns {
  readonly prefixes: readonly string[]
  readonly rows: Float64Array
  /** 1: no wider network of ours holds it. */
  readonly widest: Uint8Array
}

/** Of the whole traffic of one direction and IP version. */
export interface TotalRow {
  readonly direction: TotalDirection
  readonly family: 4 | 6
  readonly packetsPerSecond: number
  readonly bitsPerSecond: number
  readonly flowsPerSecond: number | undefined
}

export interface Snapshot {
  /** Wall clock, ms since 1970 UTC. */
  readonly at: number
  readonly totals: readonly TotalRow[]
  readonly networks: NetworkColumns
  /** What the program counts about itself, by name. */
  readonly counters: readonly (readonly [name: string, value: number, kind: 'counter' | 'gauge'])[]
  /** Hosts with traffic, gathered while they are sent. */
  hosts(): AsyncIterable<HostColumns>
}

/** Columns in a row of `classes`; bytes stand behind packets. */
export const CLASS_COLUMNS = 10
