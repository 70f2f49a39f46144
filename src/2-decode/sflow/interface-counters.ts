// Counters of interfaces as an exporter reports them (sFlow version 5, if_counters and ethernet_counters; RFC 2863, RFC 3635).

import { unsigned } from '#2-decode/elements/unsigned.ts'

/** Bytes of the blocks on the wire. */
export const GENERIC_BYTES = 88
export const ETHERNET_BYTES = 52

const UNKEPT_32 = 0xffff_ffff
const UNKEPT_64 = 2 ** 64

/** The latest numbers of one interface, as they stand on the exporter; -1 for those it does not keep. */
export class InterfaceCounters {
  /** When the numbers came, by our clock (ms since 1970); 0 when they have not come. */
  genericMs = 0
  ethernetMs = 0
  /** The generic numbers that came before, for rates; 0 and -1 when there are none. */
  beforeMs = 0
  inBytesBefore = -1
  inPacketsBefore = -1
  outBytesBefore = -1
  outPacketsBefore = -1
  /** Type by IANA: 6 Ethernet, 161 a bundle. */
  type = 0
  speedBitsPerSecond = 0
  /** 1 full duplex, 2 half duplex, 3 in only, 4 out only; 0 unknown. */
  duplex = 0
  isAdministrativelyUp = false
  isUp = false
  isPromiscuous = false
  inBytes = -1
  inUnicastPackets = -1
  inMulticastPackets = -1
  inBroadcastPackets = -1
  inDiscards = -1
  inErrors = -1
  inUnknownProtocols = -1
  outBytes = -1
  outUnicastPackets = -1
  outMulticastPackets = -1
  outBroadcastPackets = -1
  outDiscards = -1
  outErrors = -1
  alignmentErrors = -1
  checksumErrors = -1
  singleCollisions = -1
  multipleCollisions = -1
  signalErrors = -1
  deferred = -1
  lateCollisions = -1
  excessiveCollisions = -1
  internalSendErrors = -1
  carrierErrors = -1
  tooLong = -1
  internalReceiveErrors = -1
  symbolErrors = -1

  /** Takes over a generic block of GENERIC_BYTES at `at`. */
  readGeneric(view: DataView, at: number, nowMs: number): void {
    if (this.genericMs !== 0) {
      this.beforeMs = this.genericMs
      this.inBytesBefore = this.inBytes
      this.inPacketsBefore = this.inUnicastPackets
      this.outBytesBefore = this.outBytes
      this.outPacketsBefore = this.outUnicastPackets
    }
    this.genericMs = nowMs
    this.type = view.getUint32(at + 4)
    this.speedBitsPerSecond = unsigned(view, at + 8, 8)
    this.duplex = view.getUint32(at + 16)
    const status = view.getUint32(at + 20)
    this.isAdministrativelyUp = (status & 1) !== 0
    this.isUp = (status & 2) !== 0
    this.inBytes = total64(view, at + 24)
    this.inUnicastPackets = total32(view, at + 32)
    this.inMulticastPackets = total32(view, at + 36)
    this.inBroadcastPackets = total32(view, at + 40)
    this.inDiscards = total32(view, at + 44)
    this.inErrors = total32(view, at + 48)
    this.inUnknownProtocols = total32(view, at + 52)
    this.outBytes = total64(view, at + 56)
    this.outUnicastPackets = total32(view, at + 64)
    this.outMulticastPackets = total32(view, at + 68)
    this.outBroadcastPackets = total32(view, at + 72)
    this.outDiscards = total32(view, at + 76)
    this.outErrors = total32(view, at + 80)
    this.isPromiscuous = view.getUint32(at + 84) === 1
  }

  /** Takes over a block of Ethernet's own counters of ETHERNET_BYTES at `at`. */
  readEthernet(view: DataView, at: number, nowMs: number): void {
    this.ethernetMs = nowMs
    this.alignmentErrors = total32(view, at)
    this.checksumErrors = total32(view, at + 4)
    this.singleCollisions = total32(view, at + 8)
    this.multipleCollisions = total32(view, at + 12)
    this.signalErrors = total32(view, at + 16)
    this.deferred = total32(view, at + 20)
    this.lateCollisions = total32(view, at + 24)
    this.excessiveCollisions = total32(view, at + 28)
    this.internalSendErrors = total32(view, at + 32)
    this.carrierErrors = total32(view, at + 36)
    this.tooLong = total32(view, at + 40)
    this.internalReceiveErrors = total32(view, at + 44)
    this.symbolErrors = total32(view, at + 48)
  }
}

/** A counter with all bits set is one that the exporter does not keep. */
function total32(view: DataView, at: number): number {
  const value = view.getUint32(at)
  return value === UNKEPT_32 ? -1 : value
}

function total64(view: DataView, at: number): number {
  const value = unsigned(view, at, 8)
  return value >= UNKEPT_64 ? -1 : value
}
