// What the generator knows of a vector: packets of the attack, and of the honest traffic that looks most like it.

import type { PacketMaker } from './packet.ts'

export interface VectorCase {
  /** Its name in the table of vectors. */
  readonly vector: string
  readonly attack: PacketMaker
  readonly neighbour: {
    readonly title: string
    readonly packets: PacketMaker
    /** Nothing is ever answered: only what the host has in calm can speak for it. */
    readonly isOneWay?: true
  }
  /** Whose host is attacked; `outgoing` when ours does it. Default incoming. */
  readonly direction?: 'incoming' | 'outgoing'
}
