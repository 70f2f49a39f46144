// A detector under measurement: Floodwarden or its peer, each a real process in the lab's detector namespace.

import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import type { Metrics } from './metrics-reader.ts'
import type { Stage } from './stage.ts'

/** What all detectors are told; everything else is as they come. */
export interface DetectorOptions {
  readonly stage: Stage
  readonly networks: readonly string[]
  /** Packets per second towards a host that are an attack; without it none is looked for. */
  readonly limit?: number
  /** Program to call for each ban. */
  readonly script?: string
  /** It captures packets, or listens for flow telemetry on the usual ports of its loopback; default `packets`. */
  readonly source?: 'packets' | 'telemetry'
}

/** Where a detector listens for telemetry. */
export const TELEMETRY_PORT = { netflow: 2055, sflow: 6343 } as const

/** The counter of both: packets that were counted. */
export const COUNTED = 'fastnetmon_total_simple_packets_processed'

export interface Detector extends AsyncDisposable {
  readonly name: string
  readonly pid: number
  /** From the start of the process until it was ready. */
  readonly startSeconds: number
  metrics(): Promise<Metrics>
  /** The metrics when everything that was sent is counted. */
  settled(): Promise<Metrics>
}

/** Ends a detector's process and waits for it. */
export async function endProcess(child: ChildProcess, signal: 'SIGTERM' | 'SIGKILL'): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const ended = once(child, 'exit')
  child.kill(signal)
  await ended
}
