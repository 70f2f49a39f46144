// Hot path. What the hot module is bound to. V8 turns module-level constants that hold typed arrays into plain addresses, so the
// worker prepares its memory first, leaves it here, and imports `count.ts` (with a query of its own), which takes it once.

import { assert } from '#lib/assert.ts'
import type { HostSlots } from './host-slots.ts'
import type { HostTables } from './host-tables.ts'
import type { Ipv4Levels, Ipv6Filter } from './network-table.ts'

export interface CountBinding {
  /** Memory the frames lie in: the ring of an interface, or the buffer of a file. */
  readonly frames: ArrayBuffer
  /** Link type of the ring (LINK in 2-decode/sample.ts). */
  readonly link: number
  readonly tables: HostTables
  readonly slots: HostSlots
  readonly levels: Ipv4Levels
  readonly filter: Ipv6Filter
  readonly seed: number
  readonly incoming: boolean
  readonly outgoing: boolean
  /** Traffic between two hosts of ours counts for both of them, or in the totals alone. */
  readonly internal: 'both' | 'totals'
  readonly flows: 'all' | 'tcp-udp-v4' | 'off'
  readonly lengthFromIp: boolean
  readonly innerTunnels: boolean
  /** Flow windows without traffic after which a host gives its slot back. */
  readonly idleWindows: number
}

let waiting: CountBinding | undefined
let bindings = 0

/** Leaves the binding for the next import of the hot module; gives back a number no import had before. */
export function bindNext(binding: CountBinding): number {
  assert(waiting === undefined, 'the last binding was taken')
  waiting = binding
  bindings++
  return bindings
}

export function takeBinding(): CountBinding {
  assert(waiting !== undefined, 'memory is bound before the hot module is imported')
  const binding = waiting
  waiting = undefined
  return binding
}
