// An attack that never was, for the simulation.

import { NO_SPEEDS, type Speeds } from '#3-traffic/metric.ts'
import type { Attack, AttackProtocol, AttackType, OpenAttack } from '#4-detection/attack.ts'
import { VECTORS } from '#4-detection/vectors.ts'
import { ATTACK_TYPES } from '#6-policy/playbook-config.ts'
import type { MadeUp } from '#api/contract/simulate.ts'
import { parseAddress } from '#lib/ip/address.ts'

const USUAL_BITS = 512 * 8

const PROTOCOL_OF: Readonly<Record<AttackType, AttackProtocol>> = {
  syn_flood: 'tcp',
  udp_flood: 'udp',
  icmp_flood: 'icmp',
  ip_fragmentation: 'unknown',
  unknown: 'unknown',
}

/** Whether an attack may be made of it: the name of a vector, or a type of FastNetMon. */
export const isVector = (name: string): boolean =>
  ATTACK_TYPES.some(type => type === name) || VECTORS.some(vector => vector.name === name)

/** Opened at `now`, wall clock ms. `host` is canonical, `vector` one that `isVector` knows. */
export function madeUpAttack(made: MadeUp, now: number): OpenAttack {
  const { host, direction, vector, packetsPerSecond, confidence, limitPacketsPerSecond, hostgroup } = made
  const family = parseAddress(host)?.family ?? 4
  const type = ATTACK_TYPES.find(one => one === vector) ?? 'unknown'
  const bits = made.bitsPerSecond ?? packetsPerSecond * USUAL_BITS
  const flood: Speeds = { ...NO_SPEEDS, packets: packetsPerSecond, bytes: bits / 8 }
  const speeds = {
    incoming: direction === 'incoming' ? flood : NO_SPEEDS,
    outgoing: direction === 'outgoing' ? flood : NO_SPEEDS,
  }
  const named = type === vector ? [] : [{ vector, share: 1, reasons: ['it was made up so'] }]
  return {
    ...{ id: 'made-up', scope: 'host', host, prefixes: [`${host}/${family === 4 ? 32 : 128}`], family },
    ...{ origin: 'detected', hostgroup, direction, type, protocol: PROTOCOL_OF[type] },
    crossing: {
      ...{ limit: 'packets', direction, value: packetsPerSecond, threshold: limitPacketsPerSecond },
      ...{ hostgroup, mode: 'budget', overSeconds: 0 },
    },
    finding: { parts: named, confidence, packets: 1000 },
    ...{ power: packetsPerSecond, speeds, averages: speeds, openedAt: now, banSeconds: 1900 },
    ...{ state: 'open', peak: packetsPerSecond, speed: packetsPerSecond, isOver: true, lastOverAt: now },
  }
}

/** An attack that was, as it was when it opened. */
export function asOpened(attack: Attack): OpenAttack {
  const { peak, openedAt } = attack
  const open = { state: 'open', peak, speed: peak, isOver: true, lastOverAt: openedAt } as const
  if (attack.state === 'open') return { ...attack, ...open }
  const { endedAt: _endedAt, endedBy: _endedBy, ...facts } = attack
  return { ...facts, ...open }
}
