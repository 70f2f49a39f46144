// Slots: the few things we want of a record, each with the elements that say it, the best one first.

import { elementByName, REVERSE_ENTERPRISE } from './element.ts'

/** Which part of the reader a slot belongs to: parts without a field are left out for the whole template. */
export const GROUP = {
  core: 0,
  context: 1,
  times: 2,
  sampler: 4,
  /** Rates within the records, and what only options tell. */
  rates: 8,
  /** Dropped, or an event of address translation. */
  fate: 16,
  /** Fragments, and ICMP by elements of its own. */
  details: 32,
  twoWay: 64,
  frame: 128,
} as const

/** Place of each slot in a plan. */
export const SLOT = {
  sourceV4: 0,
  targetV4: 1,
  sourceV6: 2,
  targetV6: 3,
  protocol: 4,
  tcpFlags: 5,
  sourcePort: 6,
  targetPort: 7,
  bytes: 8,
  packets: 9,
  inputInterface: 10,
  outputInterface: 11,
  sourceAs: 12,
  targetAs: 13,
  direction: 14,
  vlan: 15,
  ttl: 16,
  endReason: 17,
  firstUptime: 18,
  lastUptime: 19,
  firstSeconds: 20,
  lastSeconds: 21,
  firstMilliseconds: 22,
  lastMilliseconds: 23,
  firstMicroseconds: 24,
  lastMicroseconds: 25,
  firstNanoseconds: 26,
  lastNanoseconds: 27,
  firstAgo: 28,
  lastAgo: 29,
  durationMilliseconds: 30,
  durationMicroseconds: 31,
  bootMilliseconds: 32,
  sampler: 33,
  samplingInterval: 34,
  randomInterval: 35,
  selectorAlgorithm: 36,
  packetInterval: 37,
  packetSpace: 38,
  timeInterval: 39,
  timeSpace: 40,
  samplingSize: 41,
  samplingPopulation: 42,
  samplingProbability: 43,
  packetsObserved: 44,
  packetsSelected: 45,
  forwardingStatus: 46,
  natEvent: 47,
  fragmentOffset: 48,
  fragmentFlags: 49,
  icmpTypeCode: 50,
  icmpType: 51,
  icmpCode: 52,
  initiatorBytes: 53,
  responderBytes: 54,
  initiatorPackets: 55,
  responderPackets: 56,
  reverseBytes: 57,
  reversePackets: 58,
  reverseTcpFlags: 59,
  frameSection: 60,
  ipSection: 61,
  frameBytes: 62,
  sectionBytes: 63,
  frameType: 64,
  activeTimeout: 65,
  idleTimeout: 66,
  observationDomain: 67,
  tcpSourcePort: 68,
  tcpTargetPort: 69,
} as const

export type SlotName = keyof typeof SLOT

export const SLOT_COUNT = Object.keys(SLOT).length

interface Use {
  readonly group: number
  readonly elements: readonly string[]
}

const core = (...elements: string[]): Use => ({ group: GROUP.core, elements })
const context = (...elements: string[]): Use => ({ group: GROUP.context, elements })
const times = (...elements: string[]): Use => ({ group: GROUP.times, elements })
const sampler = (...elements: string[]): Use => ({ group: GROUP.sampler, elements })
const rates = (...elements: string[]): Use => ({ group: GROUP.rates, elements })
const fate = (...elements: string[]): Use => ({ group: GROUP.fate, elements })
const details = (...elements: string[]): Use => ({ group: GROUP.details, elements })
const twoWay = (...elements: string[]): Use => ({ group: GROUP.twoWay, elements })
const frame = (...elements: string[]): Use => ({ group: GROUP.frame, elements })

/** Elements that are not here are skipped knowingly: next hops, MAC addresses, type of service, labels, what NAT made of it. */
const USES: Readonly<Record<SlotName, Use>> = {
  sourceV4: core('sourceIPv4Address'),
  targetV4: core('destinationIPv4Address'),
  sourceV6: core('sourceIPv6Address'),
  targetV6: core('destinationIPv6Address'),
  protocol: core('protocolIdentifier'),
  tcpFlags: core('tcpControlBits'),
  sourcePort: core('sourceTransportPort', 'udpSourcePort'),
  targetPort: core('destinationTransportPort', 'udpDestinationPort'),
  // What came in, else the total of the flow (Bison), else what went out (egress NetFlow).
  bytes: core('octetDeltaCount', 'octetTotalCount', 'postOctetDeltaCount', 'postOctetTotalCount'),
  packets: core('packetDeltaCount', 'packetTotalCount', 'postPacketDeltaCount', 'postPacketTotalCount'),
  inputInterface: context('ingressInterface', 'ingressPhysicalInterface'),
  outputInterface: context('egressInterface', 'egressPhysicalInterface'),
  sourceAs: context('bgpSourceAsNumber'),
  targetAs: context('bgpDestinationAsNumber'),
  direction: context('flowDirection'),
  vlan: context('vlanId', 'dot1qVlanId'),
  ttl: context('ipTTL', 'minimumTTL', 'maximumTTL'),
  endReason: context('flowEndReason'),
  firstUptime: times('flowStartSysUpTime'),
  lastUptime: times('flowEndSysUpTime'),
  firstSeconds: times('flowStartSeconds'),
  lastSeconds: times('flowEndSeconds', 'observationTimeSeconds'),
  firstMilliseconds: times('flowStartMilliseconds'),
  lastMilliseconds: times('flowEndMilliseconds', 'observationTimeMilliseconds'),
  firstMicroseconds: times('flowStartMicroseconds'),
  lastMicroseconds: times('flowEndMicroseconds', 'observationTimeMicroseconds'),
  firstNanoseconds: times('flowStartNanoseconds'),
  lastNanoseconds: times('flowEndNanoseconds', 'observationTimeNanoseconds'),
  firstAgo: times('flowStartDeltaMicroseconds'),
  lastAgo: times('flowEndDeltaMicroseconds'),
  durationMilliseconds: times('flowDurationMilliseconds'),
  durationMicroseconds: times('flowDurationMicroseconds'),
  bootMilliseconds: times('systemInitTimeMilliseconds'),
  sampler: sampler('samplerId', 'selectorId'),
  samplingInterval: rates('samplingInterval'),
  randomInterval: rates('samplerRandomInterval'),
  selectorAlgorithm: rates('selectorAlgorithm'),
  packetInterval: rates('samplingPacketInterval'),
  packetSpace: rates('samplingPacketSpace'),
  timeInterval: rates('samplingTimeInterval'),
  timeSpace: rates('samplingTimeSpace'),
  samplingSize: rates('samplingSize'),
  samplingPopulation: rates('samplingPopulation'),
  samplingProbability: rates('samplingProbability'),
  packetsObserved: rates('selectorIdTotalPktsObserved'),
  packetsSelected: rates('selectorIdTotalPktsSelected'),
  forwardingStatus: fate('forwardingStatus'),
  natEvent: fate('natEvent'),
  fragmentOffset: details('fragmentOffset'),
  fragmentFlags: details('fragmentFlags'),
  icmpTypeCode: details('icmpTypeCodeIPv4', 'icmpTypeCodeIPv6'),
  icmpType: details('icmpTypeIPv4', 'icmpTypeIPv6'),
  icmpCode: details('icmpCodeIPv4', 'icmpCodeIPv6'),
  initiatorBytes: twoWay('initiatorOctets'),
  responderBytes: twoWay('responderOctets'),
  initiatorPackets: twoWay('initiatorPackets'),
  responderPackets: twoWay('responderPackets'),
  reverseBytes: twoWay('reverse octetDeltaCount', 'reverse octetTotalCount'),
  reversePackets: twoWay('reverse packetDeltaCount', 'reverse packetTotalCount'),
  reverseTcpFlags: twoWay('reverse tcpControlBits'),
  frameSection: frame('dataLinkFrameSection', 'layer2packetSectionData'),
  ipSection: frame('ipHeaderPacketSection'),
  frameBytes: frame('dataLinkFrameSize'),
  sectionBytes: frame('sectionExportedOctets', 'layer2packetSectionSize'),
  frameType: frame('dataLinkFrameType'),
  activeTimeout: rates('flowActiveTimeout'),
  idleTimeout: rates('flowIdleTimeout'),
  observationDomain: rates('observationDomainId'),
  // Some templates have ports of UDP and of TCP side by side, one pair of them zero (Netgate TNSR).
  tcpSourcePort: details('tcpSourcePort'),
  tcpTargetPort: details('tcpDestinationPort'),
}

export interface SlotOfElement {
  readonly slot: number
  readonly group: number
  /** Of several elements for one slot the one with the lowest rank is read. */
  readonly rank: number
}

const REVERSE = 'reverse '

const forward = new Map(slotsOf(name => !name.startsWith(REVERSE)))
const reverse = new Map(slotsOf(name => name.startsWith(REVERSE)))

/** What an element of this number and enterprise is to us; undefined for what we skip. */
export function slotOf(element: number, enterprise: number): SlotOfElement | undefined {
  if (enterprise === 0) return forward.get(element)
  return enterprise === REVERSE_ENTERPRISE ? reverse.get(element) : undefined
}

function slotsOf(isWanted: (name: string) => boolean): (readonly [number, SlotOfElement])[] {
  return (Object.keys(SLOT) as SlotName[]).flatMap(slotName => {
    const { group, elements } = USES[slotName]
    return elements.flatMap((name, rank) => {
      const element = elementByName(name.replace(REVERSE, ''))
      if (element === undefined) throw new Error(`no element is called ${name}`)
      return isWanted(name) ? [[element.number, { slot: SLOT[slotName], group, rank }] as const] : []
    })
  })
}
