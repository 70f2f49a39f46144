// What protection counts, by profile and countermeasure.

import type { MetricDeclaration } from '#lib/metrics/metric.ts'

export const METRICS: readonly MetricDeclaration[] = [
  {
    name: 'floodwarden_protection_profile_on',
    kind: 'gauge',
    help: '1 while a protection profile is on, else 0.',
    labels: ['profile', 'back_end'],
  },
  {
    name: 'floodwarden_protection_up',
    kind: 'gauge',
    help: '1 while what protects is as desired, 0 while it is not yet.',
    labels: ['back_end'],
  },
  {
    name: 'floodwarden_protection_input_packets_total',
    kind: 'counter',
    help: 'Packets that came to a countermeasure since it was applied.',
    labels: ['profile', 'countermeasure'],
  },
  {
    name: 'floodwarden_protection_dropped_packets_total',
    kind: 'counter',
    help: 'Packets that a countermeasure dropped since it was applied; in monitor mode would have dropped.',
    labels: ['profile', 'countermeasure'],
  },
  {
    name: 'floodwarden_protection_dropped_bytes_total',
    kind: 'counter',
    help: 'Bytes of those packets.',
    labels: ['profile', 'countermeasure'],
  },
  {
    name: 'floodwarden_protection_listed_sources',
    kind: 'gauge',
    help: 'Sources that a countermeasure blocks for a time now.',
    labels: ['profile', 'countermeasure'],
  },
  {
    name: 'floodwarden_protection_unmeasured_packets_total',
    kind: 'counter',
    help: 'Packets whose source found a set of the kernel full; more than 0 means that sourcesMax is too small.',
    labels: ['profile', 'countermeasure'],
  },
  {
    name: 'floodwarden_protection_needs',
    kind: 'gauge',
    help: 'What attacks and thresholds keep on now, by profile.',
    labels: ['profile'],
  },
  {
    name: 'floodwarden_protection_repairs_total',
    kind: 'counter',
    help: 'Times that somebody else had changed what protects and it was put back.',
    labels: ['back_end'],
  },
  {
    name: 'floodwarden_protection_failures_total',
    kind: 'counter',
    help: 'Times that what is desired could not be carried out and was tried again later.',
    labels: ['back_end'],
  },
  {
    name: 'floodwarden_protection_owed_switches',
    kind: 'gauge',
    help: 'Switches of a scrubber that are still to be put back.',
    labels: ['back_end'],
  },
  {
    name: 'floodwarden_protection_forgotten_offenders_total',
    kind: 'counter',
    help: 'Blocked sources whose earlier blocks were forgotten because too many are known.',
  },
]
