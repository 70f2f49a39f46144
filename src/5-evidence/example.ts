// A made-up report in documentation addresses (RFC 5737): what `script-test` hands to a script, and what tests begin with.

import { type Metric, NO_SPEEDS, type Speeds } from '#3-traffic/metric.ts'
import type { AttackFacts, OpenAttack } from '#4-detection/attack.ts'
import type { FlowSection, PacketRecord } from './evidence.ts'

const OPENED_AT = Date.UTC(2026, 0, 15, 12, 0, 0)

/** Speeds that are 0 but for those named. */
export const speedsWith = (named: Partial<Record<Metric, number>>): Speeds => ({ ...NO_SPEEDS, ...named })

const FLOOD = speedsWith({
  packets: 40_000,
  bytes: 8_000_000,
  udpPackets: 39_900,
  udpBytes: 7_980_000,
  tcpPackets: 100,
  tcpBytes: 20_000,
  flows: 3000,
})

/** An open attack: a UDP flood of 40,000 packets/s to 192.0.2.1, changed by what is named. */
export function exampleAttack(
  changes: Partial<AttackFacts & Pick<OpenAttack, 'peak' | 'speed' | 'isOver' | 'lastOverAt'>> = {},
): OpenAttack {
  return {
    id: 'example-1',
    scope: 'host',
    host: '192.0.2.1',
    prefixes: ['192.0.2.1/32'],
    family: 4,
    origin: 'detected',
    hostgroup: 'global',
    crossing: {
      limit: 'packets',
      direction: 'incoming',
      value: 40_000,
      threshold: 20_000,
      hostgroup: 'global',
      mode: 'budget',
      overSeconds: 0.5,
    },
    direction: 'incoming',
    type: 'udp_flood',
    protocol: 'udp',
    finding: undefined,
    power: 40_000,
    speeds: { incoming: FLOOD, outgoing: NO_SPEEDS },
    averages: { incoming: FLOOD, outgoing: NO_SPEEDS },
    openedAt: OPENED_AT,
    banSeconds: 1900,
    state: 'open',
    peak: 40_000,
    speed: 40_000,
    isOver: true,
    lastOverAt: OPENED_AT,
    ...changes,
  }
}

/** A UDP packet of 200 bytes to the host of `exampleAttack`, changed by what is named. */
export function examplePacket(changes: Partial<PacketRecord> = {}): PacketRecord {
  return {
    timeMicros: OPENED_AT * 1000,
    source: '198.51.100.7',
    target: '192.0.2.1',
    sourcePort: 123,
    targetPort: 80,
    protocol: 17,
    tcpFlags: 0,
    isFragment: false,
    ttl: 60,
    bytes: 200,
    weight: 1,
    sampleRatio: 1,
    bytesCaptured: new Uint8Array(),
    linkType: 1,
    ...changes,
  }
}

/** `count` packets to `host` from as many senders, 25 microseconds apart. */
export const examplePackets = (count: number, host = '192.0.2.1'): PacketRecord[] =>
  Array.from({ length: count }, (_, at) =>
    examplePacket({
      timeMicros: OPENED_AT * 1000 + 25 * at,
      source: `198.51.100.${1 + (at % 250)}`,
      sourcePort: 1024 + at,
      target: host,
    }),
  )

/** The flows those packets make. */
export const exampleFlows = (lines: number, host = '192.0.2.1'): FlowSection[] => [
  {
    direction: 'incoming',
    protocol: 'udp',
    count: 3000,
    flows: Array.from({ length: lines }, (_, at) => ({
      protocol: 'udp',
      direction: 'incoming',
      host,
      hostPort: 80,
      remote: `198.51.100.${1 + (at % 250)}`,
      remotePort: 1024 + at,
      bytes: 800,
      packets: 4,
    })),
  },
]
