// What a file tells of traffic, whatever its form: packets, and what its head says of the attack.

import type { Address } from '#lib/ip/address.ts'
import type { PacketRecord } from '../evidence.ts'
import type { DistillSample } from './distillation.ts'

export type Direction = 'incoming' | 'outgoing'

export interface Recording {
  readonly form: 'text report' | 'JSON report' | 'capture'
  /** Whether single packets were seen, or flows of several. */
  readonly tells: 'packets' | 'flows'
  /** In the order of the file. */
  readonly packets: readonly Recorded[]
  readonly head: RecordingHead
  /** What was left out and why, in sentences. */
  readonly notes: readonly string[]
}

/** A packet in the words of evidence and as the distiller sees it. */
export interface Recorded {
  readonly record: PacketRecord
  readonly sample: DistillSample
}

export interface RecordingHead {
  /** The host of ours that is attacked, or that attacks. */
  readonly host?: Address
  readonly direction?: Direction
  /** In FastNetMon's words, such as `syn_flood`. */
  readonly attackType?: string
  /** Names of vectors, the largest part first, when the file names them. */
  readonly vectors?: readonly string[]
  /** Packets per second of what the file shows. */
  readonly packetsPerSecond?: number
}

/** `count` things with their verb: `1 line was skipped`, `2 lines were skipped`. */
export const noteOf = (count: number, thing: string, what: string): string[] =>
  count === 0 ? [] : [`${count} ${thing}${count === 1 ? ' was' : 's were'} ${what}`]
