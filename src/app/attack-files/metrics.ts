// What the files of attacks count.

import type { MetricDeclaration } from '#lib/metrics/metric.ts'

export const METRICS = [
  {
    name: 'floodwarden_attack_files_written_total',
    kind: 'counter',
    help: 'Files of attacks that were written, by kind (text or pcap); a report that grew counts again.',
    labels: ['kind'],
  },
  {
    name: 'floodwarden_attack_files_failed_total',
    kind: 'counter',
    help: 'Files of attacks that could not be written.',
  },
  {
    name: 'floodwarden_attack_files_dropped_total',
    kind: 'counter',
    help: 'Files of attacks that were not written because too many waited.',
  },
  {
    name: 'floodwarden_attack_files_deleted_total',
    kind: 'counter',
    help: 'Files of attacks that were deleted because there were too many, or they were too large together or too old.',
  },
  { name: 'floodwarden_attack_files', kind: 'gauge', help: 'Files of attacks in their directory.' },
  { name: 'floodwarden_attack_files_bytes', kind: 'gauge', help: 'Size of the files of attacks together.' },
] as const satisfies readonly MetricDeclaration[]
