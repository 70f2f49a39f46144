// What drives a telemetry worker, and what brings it its datagrams: each knows the other by these.

import type { Receiver, WorkerFacts } from './task.ts'

/** A receive waits no longer than this. */
export const WAIT_MS = 20

/** What drives a worker. */
export interface Turns {
  /** A datagram in this place of the memory, its sender in the memory too. */
  take(place: number, bytes: number, nowMs: number): void
  /** After each wait. */
  turn(): void
  /** Whatever had come by `nowMs`, on the wall clock, is taken; the last were so many datagrams. */
  drained(datagrams: number, nowMs: number): void
  /** A message of a connection in the first place of the memory; false when its exporter is not listened to. */
  takeMessage(bytes: number, nowMs: number, session: number): boolean
  /** Whether the sender in the memory may have a connection. */
  admits(): boolean
  /** The connection of the sender in the memory has ended. */
  endSession(session: number): void
  isStopped(): boolean
  /** Sleeps for at most so long. */
  pause(milliseconds: number): void
}

export interface Reception {
  readonly facts: {
    readonly port: number
    readonly receiveBytes: number
    readonly receiver: Receiver
  }
  /** To be asked every few seconds, however often: the kernel counts drops in 32 bits. */
  statistics(): Pick<WorkerFacts, 'drops' | 'queuedBytes' | 'connections'>
  /** Settles when it was asked to stop. */
  run(turns: Turns): Promise<void>
  close(): void
}
