// Floodwarden as it is armed in the lab of routers: it sees the mirror port, and announces by the speaker of the lab.

import type { SpawnOptions } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Lab } from '../namespace.ts'
import type { DaemonPlan } from '../running-daemon.ts'
import type { SpeakerKind } from './routed-lab.ts'
import { type Cables, OUR_NETWORKS, ROUTER } from './topology.ts'

/** Packets per second towards a host that are an attack; floods of the lab are ten times as many. */
export const LIMIT = 1000
export const FLOOD_RATE = 10 * LIMIT
export const CALM_RATE = LIMIT / 5
/** A ban lasts so long, and on while the flood does. */
export const BAN_SECONDS = 1
/** What an earlier run left may be wanted again for so long. */
export const ORPHANS_AFTER_SECONDS = 4

/** Where it runs: in the detector of this lab. */
export interface Place {
  readonly lab: Lab
  readonly cables: Cables
  /** Where ExaBGP reads commands. */
  readonly pipe?: string
}

export interface DetectorPlan {
  readonly folder: string
  readonly speaker: SpeakerKind
  readonly environment?: Readonly<Record<string, string>>
  /** Packets per second towards a host; default `LIMIT`. */
  readonly limit?: number
  /** Default `BAN_SECONDS`. */
  readonly banSeconds?: number
  /** As they stand in a configuration; default is the built-in one, which announces the host. */
  readonly playbooks?: readonly object[]
  /** As it stands in a configuration; default is a file. */
  readonly store?: object
}

export function detectorPlan(place: Place, plan: DetectorPlan): DaemonPlan {
  const { folder, environment = {} } = plan
  const config = join(folder, 'config.yaml')
  writeFileSync(config, JSON.stringify(settings(place, plan), undefined, 2))
  return {
    state: join(folder, 'state'),
    words: ['--config', config],
    environment,
    spawn: (argv: readonly string[], options: SpawnOptions) => place.lab.spawn('detector', argv, options),
  }
}

/** JSON is YAML. */
function settings(
  { cables, pipe }: Place,
  { speaker, limit = LIMIT, banSeconds = BAN_SECONDS, playbooks = [], store = {} }: DetectorPlan,
): object {
  const hosts = {
    hostIpv4: { nextHop: ROUTER.speaker.ipv4, communities: ['65535:666'] },
    hostIpv6: { nextHop: ROUTER.speaker.ipv6, communities: ['65535:666'] },
  }
  return {
    networks: OUR_NETWORKS,
    playbooks,
    store,
    capture: { interfaces: [cables.mirror.to.interface] },
    metrics: { listen: 'off' },
    mitigation: { armed: true },
    detection: {
      banSeconds,
      holdSeconds: 1,
      thresholds: { incoming: { packetsPerSecond: limit }, outgoing: {} },
    },
    enforcement:
      speaker === 'gobgp'
        ? { gobgp: { ...hosts, reconcileSeconds: 1, orphansAfterSeconds: ORPHANS_AFTER_SECONDS } }
        : { exabgp: { ...hosts, pipe, deadlineSeconds: 0.5, refreshSeconds: 1 } },
  }
}
