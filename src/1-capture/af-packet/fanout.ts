// Fan-out: several rings share the packets of one interface, each packet in one of them (PACKET_FANOUT, packet(7)).

import type { FANOUT_MODES } from '#1-capture/config.ts'
import { assert } from '#lib/assert.ts'

export type FanoutMode = (typeof FANOUT_MODES)[number]

/** PACKET_FANOUT_ numbers of linux/if_packet.h. */
const FANOUT = { hash: 0, lb: 1, cpu: 2, rollover: 3, random: 4, queue_mapping: 5 } as const satisfies Record<
  FanoutMode,
  number
>

/** Largest number a group can have. */
export const FANOUT_GROUP_MAX = 0xffff

/** Leaves out what this machine sends before it is shared out, or `lb` would deal out sent and received in turn. */
const FLAG_IGNORE_OUTGOING = 0x4000

/**
 * Value of the socket option. An older kernel takes a flag it does not know and does nothing. Two flags are never set:
 * PACKET_FANOUT_FLAG_DEFRAG would put fragments together before we count them, and PACKET_FANOUT_FLAG_ROLLOVER would
 * scatter the flows of a full ring over the others.
 */
export function fanoutWord(group: number, mode: FanoutMode, ingressOnly: boolean): number {
  assert(Number.isInteger(group) && group >= 0 && group <= FANOUT_GROUP_MAX, 'a fan-out group is 16 bits')
  return group | ((FANOUT[mode] | (ingressOnly ? FLAG_IGNORE_OUTGOING : 0)) << 16)
}

/**
 * A group for one interface of one process. The kernel knows groups by number alone within a network namespace, and
 * two programs that pick the same one would share their packets: so it differs by process and by interface.
 */
export function fanoutGroupOf(processId: number, interfaceIndex: number): number {
  return (Math.imul(processId, 0x9e3779b1) + Math.imul(interfaceIndex, 0x85ebca6b)) >>> 16
}
