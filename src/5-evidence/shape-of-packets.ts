// Packet records as the shape that names an attack, and the name itself.

import { decodeFrame } from '#2-decode/frame/decode-frame.ts'
import { OUTCOME, Sample } from '#2-decode/sample.ts'
import type { AttackFacts, Finding } from '#4-detection/attack.ts'
import { nameAttack } from '#4-detection/name-attack.ts'
import { TrafficShape } from '#4-detection/shape.ts'
import { parseAddress } from '#lib/ip/address.ts'
import { contains, parsePrefix } from '#lib/ip/prefix.ts'
import type { PacketRecord } from './evidence.ts'

/** No attack is looked at longer than this: some thousand packets tell all that can be told. */
const PACKETS_MAX = 4096

export interface Named extends Pick<AttackFacts, 'host' | 'prefixes' | 'scope' | 'direction'> {}

/** What the packets say an attack is; `undefined` for a ban by hand, or when there are too few. */
export function findingOf(
  attack: Named,
  records: readonly PacketRecord[],
  insideTunnels: boolean,
): Finding | undefined {
  const { direction } = attack
  if (direction === 'other') return undefined
  return nameAttack(shapeOfPackets(records, ownOf(attack), direction, insideTunnels))
}

/** The shape of the newest packets: those of `direction`, and those the other way as replies. `isOwn` says whose address is attacked. */
export function shapeOfPackets(
  records: readonly PacketRecord[],
  isOwn: (address: string) => boolean,
  direction: 'incoming' | 'outgoing',
  insideTunnels: boolean,
): TrafficShape {
  const isIncoming = direction === 'incoming'
  const shape = new TrafficShape(isIncoming)
  const sample = new Sample()
  for (const record of records.slice(-PACKETS_MAX)) {
    const { bytesCaptured, linkType, weight } = record
    const frame = new DataView(bytesCaptured.buffer, bytesCaptured.byteOffset, bytesCaptured.length)
    const outcome = decodeFrame(frame, 0, bytesCaptured.length, linkType, insideTunnels, sample)
    if (outcome !== OUTCOME.decoded) fillFromNumbers(sample, record)
    if (isOwn(record.target) !== isIncoming) shape.addReply(sample, weight)
    else if (outcome === OUTCOME.decoded) shape.add(sample, frame, bytesCaptured.length, weight)
    else shape.addNumbers(sample, weight)
  }
  return shape
}

function ownOf({ scope, host, prefixes }: Named): (address: string) => boolean {
  if (scope === 'host') return address => address === host
  const parsed = prefixes.map(parsePrefix).filter(prefix => prefix !== undefined)
  return text => {
    const address = parseAddress(text)
    return address !== undefined && parsed.some(prefix => contains(prefix, address))
  }
}

/** A record without bytes, as from flow telemetry: the numbers it has. */
function fillFromNumbers(sample: Sample, record: PacketRecord): void {
  sample.clear()
  const [source, target] = [parseAddress(record.source), parseAddress(record.target)]
  sample.family = source?.family ?? 0
  sample.sourceA = foldedOf(source?.value)
  sample.targetA = foldedOf(target?.value)
  sample.protocol = record.protocol
  sample.sourcePort = record.sourcePort
  sample.targetPort = record.targetPort
  sample.tcpFlags = record.tcpFlags
  sample.ttl = record.ttl
  sample.isFragment = record.isFragment ? 1 : 0
  sample.ipLength = record.bytes
}

/** An address as 32 bits, to tell addresses apart. */
const foldedOf = (value = 0n): number =>
  Number(BigInt.asIntN(32, value ^ (value >> 32n) ^ (value >> 64n) ^ (value >> 96n)))
