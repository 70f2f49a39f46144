// What stage 5 counts.

import type { MetricDeclaration } from '#lib/metrics/metric.ts'

export const METRICS: readonly MetricDeclaration[] = [
  {
    name: 'floodwarden_evidence_collections_total',
    kind: 'counter',
    help: 'Packet collections that ended, by how: with all packets that were wanted (full) or at their deadline.',
    labels: ['end'],
  },
  {
    name: 'floodwarden_evidence_curtailed_collections_total',
    kind: 'counter',
    help: 'Packet collections that got less room than they wanted, because all together have a bound.',
  },
  {
    name: 'floodwarden_evidence_promised_packets',
    kind: 'gauge',
    help: 'Packets that open collections may still hold together.',
  },
  {
    name: 'floodwarden_evidence_lost_samples_total',
    kind: 'counter',
    help: 'Copied packets of watched hosts that were overwritten before anybody read them.',
  },
  {
    name: 'floodwarden_distillations_total',
    kind: 'counter',
    help: 'Times rules were sought in packets of an attack, by what was found: rules, inseparable, or too-few packets.',
    labels: ['result'],
  },
  {
    name: 'floodwarden_distilling_seconds_total',
    kind: 'counter',
    help: 'Seconds that took.',
  },
  {
    name: 'floodwarden_distilling_attacks_waiting',
    kind: 'gauge',
    help: 'Attacks that stand in line to be sampled or distilled.',
  },
  {
    name: 'floodwarden_distilling_samples_held',
    kind: 'gauge',
    help: 'Packet samples held for the distiller, of all attacks together.',
  },
]
