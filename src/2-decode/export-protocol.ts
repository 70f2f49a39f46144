// Which protocol a datagram of flow export speaks, told by its version field: any protocol may arrive on any port.

/** Values are ours, not the wire's: the version of sFlow is a 32-bit 5, that of NetFlow v5 a 16-bit one. */
export const EXPORT_PROTOCOL = {
  unknown: 0,
  sflow: 1,
  netflow5: 5,
  netflow9: 9,
  ipfix: 10,
} as const

/** One of EXPORT_PROTOCOL; what is too short for a version, or has another one (NetFlow v1, v7, v8), is unknown. */
export function exportProtocolOf(view: DataView, at: number, end: number): number {
  if (end - at < 4) return EXPORT_PROTOCOL.unknown
  const version = view.getUint16(at)
  switch (version) {
    case EXPORT_PROTOCOL.netflow5:
    case EXPORT_PROTOCOL.netflow9:
    case EXPORT_PROTOCOL.ipfix:
      return version
    case 0:
      return view.getUint16(at + 2) === 5 ? EXPORT_PROTOCOL.sflow : EXPORT_PROTOCOL.unknown
    default:
      return EXPORT_PROTOCOL.unknown
  }
}
