// Floodwarden as it is armed in the lab of routers: it sees the mirror port, and announces by the speaker of the lab.

import type { SpawnOptions } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { DaemonPlan } from '../running-daemon.ts'
import type { RoutedLab, SpeakerKind } from './routed-lab.ts'
import { OUR_NETWORKS, ROUTER } from './topology.ts'

/** Packets per second towards a host that are an attack; floods of the lab are ten times as many. */
export const LIMIT = 1000
export const FLOOD_RATE = 10 * LIMIT
export const CALM_RATE = LIMIT / 5
/** A ban lasts so long, and on while the flood does. */
export const BAN_SECONDS = 1

export interface DetectorPlan {
  readonly folder: string
  readonly speaker: SpeakerKind
  readonly environment?: Readonly<Record<string, string>>
  /** Packets per second towards a host; default `LIMIT`. */
  readonly limit?: number
  /** Default `BAN_SECONDS`. */
  readonly banSeconds?: number
}

export function detectorPlan(routed: RoutedLab, plan: DetectorPlan): DaemonPlan {
  const { folder, environment = {} } = plan
  const config = join(folder, 'config.yaml')
  writeFileSync(config, JSON.stringify(settings(routed, plan), undefined, 2))
  return {
    state: join(folder, 'state'),
    words: ['--config', config],
    environment,
    spawn: (argv: readonly string[], options: SpawnOptions) => routed.lab.spawn('detector', argv, options),
  }
}

/** JSON is YAML. */
function settings(
  routed: RoutedLab,
  { speaker, limit = LIMIT, banSeconds = BAN_SECONDS }: DetectorPlan,
): object {
  const hosts = {
    hostIpv4: { nextHop: ROUTER.speaker.ipv4, communities: ['65535:666'] },
    hostIpv6: { nextHop: ROUTER.speaker.ipv6, communities: ['65535:666'] },
  }
  return {
    networks: OUR_NETWORKS,
    capture: { interfaces: [routed.cables.mirror.to.interface] },
    metrics: { listen: 'off' },
    mitigation: { armed: true },
    detection: {
      banSeconds,
      holdSeconds: 1,
      thresholds: { incoming: { packetsPerSecond: limit }, outgoing: {} },
    },
    enforcement:
      speaker === 'gobgp'
        ? { gobgp: { ...hosts, reconcileSeconds: 1 } }
        : { exabgp: { ...hosts, pipe: routed.pipe, deadlineSeconds: 0.5, refreshSeconds: 1 } },
  }
}
