// An attack for tests: the one FastNetMon 1.2.4 was seen to write to Redis.

import { NO_SPEEDS } from '#3-traffic/metric.ts'
import type { OpenAttack } from '#4-detection/attack.ts'

export function attackForTests(other: Partial<OpenAttack> = {}): OpenAttack {
  const speeds = {
    incoming: {
      ...NO_SPEEDS,
      packets: 21_712.9,
      bytes: 4_342_553.5,
      flows: 11_442.1,
      udpPackets: 21_712.9,
      udpBytes: 4_342_553.5,
    },
    outgoing: NO_SPEEDS,
  }
  return {
    id: 'x-1',
    scope: 'host',
    host: '10.99.1.1',
    prefixes: ['10.99.1.1/32'],
    family: 4,
    origin: 'detected',
    hostgroup: 'web',
    crossing: undefined,
    direction: 'incoming',
    type: 'udp_flood',
    protocol: 'udp',
    finding: undefined,
    power: 21_712,
    speeds,
    averages: speeds,
    openedAt: 0,
    banSeconds: 60,
    state: 'open',
    peak: 21_712,
    isOver: true,
    speed: 0,
    lastOverAt: 0,
    ...other,
  }
}
