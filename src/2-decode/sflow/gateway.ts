// Hot path. Autonomous systems of a packet's way (structure extended_gateway): own system, source, path to the target.

import type { FlowRecord } from '#2-decode/flow-record.ts'

/** Bytes of a next hop by its kind: unknown, IPv4, IPv6. */
const UNKNOWN = 0
const IPV4 = 1
const IPV6 = 2
/** Kind of a segment whose systems stand in no order. */
const SET = 1

/** Bytes of an address that follows its kind; -1 when the kind is none. */
export function addressBytes(kind: number): number {
  switch (kind) {
    case UNKNOWN:
      return 0
    case IPV4:
      return 4
    case IPV6:
      return 16
    default:
      return -1
  }
}

/**
 * Sets the systems of source and target from the record between `at` and `end`, which has 20 bytes at least. The exporter
 * writes 0 for a source in its own system and no path for a target there: both mean that system. False when lengths
 * within do not fit; what came before is set.
 */
export function readGateway(view: DataView, at: number, end: number, record: FlowRecord): boolean {
  record.sourceAs = record.targetAs = 0
  const hop = addressBytes(view.getInt32(at))
  const own = at + 4 + hop
  if (hop < 0 || end - own < 16) return false
  const ownAs = view.getUint32(own)
  record.sourceAs = view.getUint32(own + 4) || ownAs
  const segments = view.getInt32(own + 12)
  let target = ownAs
  let next = own + 16
  for (let i = 0; i < segments; i++) {
    if (end - next < 8) return false
    const systems = view.getInt32(next + 4)
    const first = next + 8
    if (systems < 0 || systems > (end - first) >> 2) return false
    target = lastSystem(view, view.getInt32(next), first, systems, target)
    next = first + systems * 4
  }
  record.targetAs = target
  return segments >= 0
}

/**
 * The system a path leads to, after one more segment. Of a set the origin cannot be told unless there is only one in it; what
 * came before it is the system that put the set together.
 */
function lastSystem(view: DataView, kind: number, at: number, systems: number, before: number): number {
  if (systems === 0 || (kind === SET && systems > 1)) return before
  return view.getUint32(at + (systems - 1) * 4)
}
