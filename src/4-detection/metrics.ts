// What detection counts: attacks by type, open ones, and suspects.

import type { MetricDeclaration, MetricSource } from '#lib/metrics/metric.ts'
import type { AttackEvent, AttackType } from './attack.ts'
import type { Detector } from './detector.ts'

export const METRICS = [
  {
    name: 'floodwarden_attacks_total',
    kind: 'counter',
    help: 'Attacks that opened, by type; manual bans are of type manual.',
    labels: ['type'],
  },
  { name: 'floodwarden_attacks_open', kind: 'gauge', help: 'Attacks that are open now.' },
  {
    name: 'floodwarden_suspects',
    kind: 'gauge',
    help: 'Hosts over a limit or under attack that are followed closely.',
  },
  {
    name: 'floodwarden_suspects_refused_total',
    kind: 'counter',
    help: 'Times a host over a limit was not followed because too many were.',
  },
  {
    name: 'floodwarden_prefixes',
    kind: 'gauge',
    help: 'Covering prefixes of hosts with traffic that are judged as wholes.',
  },
  {
    name: 'floodwarden_prefixes_refused_total',
    kind: 'counter',
    help: 'Times a host joined a shorter prefix than it could have, or none, because too many were kept.',
  },
  {
    name: 'floodwarden_hostgroup_hosts_left_out_total',
    kind: 'counter',
    help: 'Times a host with traffic was left out of what is told of its hostgroup, because there were too many pairs of networks and hostgroups.',
  },
] as const satisfies readonly MetricDeclaration[]

/** What weighing suspects counts. */
export const SUSPICION_METRICS = [
  {
    name: 'floodwarden_suspects_weighed',
    kind: 'gauge',
    help: 'Suspects whose packets are weighed.',
  },
  {
    name: 'floodwarden_suspects_unweighed_total',
    kind: 'counter',
    help: 'Suspects whose packets were not weighed because too many were: their suspicion is neutral.',
  },
  {
    name: 'floodwarden_suspicion_samples_skipped_total',
    kind: 'counter',
    help: 'Samples that were not looked at for suspicion because a tick had looked at enough.',
  },
  {
    name: 'floodwarden_calm_hosts',
    kind: 'gauge',
    help: 'Hosts of ours whose calm traffic is known by samples.',
  },
  {
    name: 'floodwarden_bursts_tolerated_total',
    kind: 'counter',
    help: 'Crossings of a limit that ended before their budget was used up.',
  },
] as const satisfies readonly MetricDeclaration[]

const TYPES = ['syn_flood', 'icmp_flood', 'ip_fragmentation', 'udp_flood', 'unknown', 'manual'] as const

/** Counts attacks as they open; whoever runs the detector hands its events in. */
export class AttackCounts {
  readonly #opened = new Map<AttackType | 'manual', number>(TYPES.map(type => [type, 0]))

  count(event: AttackEvent): void {
    if (event.kind !== 'opened') return
    const type = event.attack.origin === 'manual' ? 'manual' : event.attack.type
    this.#opened.set(type, (this.#opened.get(type) ?? 0) + 1)
  }

  readonly metrics: MetricSource = () =>
    [...this.#opened].map(([type, value]) => ({ name: 'floodwarden_attacks_total', value, labels: { type } }))
}

/** What the detector knows itself. */
export const detectionSource =
  (detector: Detector): MetricSource =>
  () => [
    { name: 'floodwarden_attacks_open', value: detector.openCount },
    { name: 'floodwarden_suspects', value: detector.suspects },
    { name: 'floodwarden_suspects_refused_total', value: detector.suspectsRefused },
    { name: 'floodwarden_prefixes', value: detector.prefixes.count },
    { name: 'floodwarden_prefixes_refused_total', value: detector.prefixes.refused },
    { name: 'floodwarden_hostgroup_hosts_left_out_total', value: detector.networks.cellsRefused },
  ]
