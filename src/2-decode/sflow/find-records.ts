// Hot path. The records of a sample: where those lie that are read, and counts of those that are not.
//
// Told apart from reading them because they come in any order, while one says how another is to be read.

import type { ExporterState } from '#2-decode/exporter.ts'
import { RECORD } from './formats.ts'
import { FOUND_AT, FOUND as SHARED_FOUND } from './found.ts'

const FOUND = SHARED_FOUND
const {
  header: HEADER,
  headerBytes: HEADER_BYTES,
  ethernet: ETHERNET,
  ipv4: IPV4,
  ipv6: IPV6,
  switch: SWITCH,
  gateway: GATEWAY,
  gatewayEnd: GATEWAY_END,
  vlans: VLANS,
  decapsulate: DECAPSULATE,
} = FOUND_AT
const {
  header: RECORD_HEADER,
  ethernet: RECORD_ETHERNET,
  ipv4: RECORD_IPV4,
  ipv6: RECORD_IPV6,
  switch: RECORD_SWITCH,
  router: RECORD_ROUTER,
  gateway: RECORD_GATEWAY,
  nat: RECORD_NAT,
  natPort: RECORD_NAT_PORT,
  vlanTunnel: RECORD_VLAN_TUNNEL,
  vlanIn: RECORD_VLAN_IN,
  vlanOut: RECORD_VLAN_OUT,
  decapsulateEgress: RECORD_DECAPSULATE_EGRESS,
  decapsulateIngress: RECORD_DECAPSULATE_INGRESS,
  mpls: RECORD_MPLS,
  mplsTunnel: RECORD_MPLS_TUNNEL,
  mplsLdpFec: RECORD_MPLS_LDP_FEC,
  layer2TunnelEgress: RECORD_FIRST_TUNNEL,
  virtualNetworkIngress: RECORD_LAST_TUNNEL,
} = RECORD

const RECORD_HEAD_BYTES = 8
/** What a record has at least, so that what is read of it lies within. */
const HEADER_MIN = 16
const ETHERNET_MIN = 4
const IPV4_MIN = 28
const IPV6_MIN = 52
const SWITCH_MIN = 4
const GATEWAY_MIN = 20
const WORD = 4
const STACK_MIN = 8

/**
 * Fills FOUND with the places of up to `count` records between `at` and `end`. Returns where they end; -1 when one runs
 * over the end or is missing, in which case those before it were found.
 */
export function findRecords(
  view: DataView,
  at: number,
  end: number,
  count: number,
  exporter: ExporterState,
): number {
  FOUND[HEADER] = FOUND[ETHERNET] = FOUND[IPV4] = FOUND[IPV6] = 0
  FOUND[SWITCH] = FOUND[GATEWAY] = FOUND[VLANS] = FOUND[DECAPSULATE] = 0
  if (count < 0) return -1
  let next = at
  for (let i = 0; i < count; i++) {
    const first = next + RECORD_HEAD_BYTES
    if (first > end) return -1
    const bytes = view.getInt32(next + 4)
    if (bytes < 0 || bytes > end - first) return -1
    noteRecord(view.getInt32(next), first, bytes, exporter)
    next = first + ((bytes + 3) & ~3)
  }
  // The padding of the last record may be missing.
  return next > end ? end : next
}

function noteRecord(format: number, at: number, bytes: number, exporter: ExporterState): void {
  const { sflow } = exporter
  switch (format) {
    case RECORD_HEADER:
      sflow.headers++
      if (!hasRoom(bytes, HEADER_MIN, exporter)) sflow.malformedHeaders++
      else if (FOUND[HEADER] === 0) {
        FOUND[HEADER] = at
        FOUND[HEADER_BYTES] = bytes
      }
      break
    case RECORD_SWITCH:
      sflow.switchRecords++
      if (hasRoom(bytes, SWITCH_MIN, exporter)) FOUND[SWITCH] = at
      break
    case RECORD_ROUTER:
      sflow.routerRecords++
      break
    case RECORD_GATEWAY:
      sflow.gatewayRecords++
      if (!hasRoom(bytes, GATEWAY_MIN, exporter)) break
      FOUND[GATEWAY] = at
      FOUND[GATEWAY_END] = at + bytes
      break
    default:
      noteRare(format, at, bytes, exporter)
  }
}

function noteRare(format: number, at: number, bytes: number, exporter: ExporterState): void {
  const { sflow } = exporter
  switch (format) {
    case RECORD_ETHERNET:
      sflow.ethernetRecords++
      if (hasRoom(bytes, ETHERNET_MIN, exporter)) FOUND[ETHERNET] = at
      break
    case RECORD_IPV4:
      sflow.ipRecords++
      if (hasRoom(bytes, IPV4_MIN, exporter)) FOUND[IPV4] = at
      break
    case RECORD_IPV6:
      sflow.ipRecords++
      if (hasRoom(bytes, IPV6_MIN, exporter)) FOUND[IPV6] = at
      break
    case RECORD_VLAN_TUNNEL:
    case RECORD_VLAN_IN:
      sflow.vlanRecords++
      if (bytes >= STACK_MIN) FOUND[VLANS] = at
      break
    case RECORD_VLAN_OUT:
      sflow.vlanRecords++
      break
    case RECORD_DECAPSULATE_EGRESS:
    case RECORD_DECAPSULATE_INGRESS:
      sflow.tunnelRecords++
      if (hasRoom(bytes, WORD, exporter)) FOUND[DECAPSULATE] = at
      break
    default:
      countSkipped(format, exporter)
  }
}

/**
 * What is skipped knowingly: next hops, labels and what address translation made of a packet. Records of tunnels tell of
 * headers that were taken off before the packet was sampled, or that are put on later: the packet is the one within.
 */
function countSkipped(format: number, { sflow }: ExporterState): void {
  if (format >= RECORD_FIRST_TUNNEL && format <= RECORD_LAST_TUNNEL) sflow.tunnelRecords++
  else if (format === RECORD_NAT || format === RECORD_NAT_PORT) sflow.natRecords++
  else if (format === RECORD_MPLS || (format >= RECORD_MPLS_TUNNEL && format <= RECORD_MPLS_LDP_FEC))
    sflow.mplsRecords++
  else sflow.otherRecords++
}

function hasRoom(bytes: number, needed: number, { counters }: ExporterState): boolean {
  if (bytes >= needed) return true
  counters.malformed++
  return false
}
