// Hot path. What the hot module for flow records is bound to; see count-binding.ts, which does the same for packets.

import { assert } from '#lib/assert.ts'
import type { CountBinding } from './count-binding.ts'

export interface RecordBinding
  extends Omit<CountBinding, 'link' | 'innerTunnels' | 'lengthFromIp' | 'tables' | 'frames'> {
  readonly tables: CountBinding['tables'] & { readonly extras: Int32Array<SharedArrayBuffer> }
  /** Memory the datagrams lie in. */
  readonly frames: ArrayBuffer
  /** Where in it HEADER_BYTES are free for a header that is made up from a record; a multiple of four. */
  readonly headerAt: number
  /** Bytes of records with a packet's header: the length of its frame, or what the IP header states. */
  readonly lengthFromIp: boolean
  /** Longest time a record is spread over; 0: counted when it arrives. */
  readonly spreadMs: number
  /** Lines and classes that may be spread at a time. */
  readonly spreadBlocks: number
  /** A TCP flow whose flags hold SYN is all SYN, as FastNetMon has it; else its first packet alone. */
  readonly wholeSyn: boolean
}

let waiting: RecordBinding | undefined
let bindings = 0

/** Leaves the binding for the next import of the hot module; gives back a number no import had before. */
export function bindNextRecords(binding: RecordBinding): number {
  assert(waiting === undefined, 'the last binding was taken')
  waiting = binding
  bindings++
  return bindings
}

export function takeRecordBinding(): RecordBinding {
  assert(waiting !== undefined, 'memory is bound before the hot module is imported')
  const binding = waiting
  waiting = undefined
  return binding
}
