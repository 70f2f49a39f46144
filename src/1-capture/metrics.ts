// What capture counts, per interface; the worker threads of one interface are added up.

import type { MetricDeclaration } from '#lib/metrics/metric.ts'

const labels = ['interface'] as const

export const CAPTURE_METRICS = {
  packets: {
    name: 'floodwarden_capture_packets_total',
    kind: 'counter',
    help: 'Packets the kernel had for us, those it dropped included.',
    labels,
  },
  dropped: {
    name: 'floodwarden_capture_dropped_packets_total',
    kind: 'counter',
    help: 'Packets lost because every block of the ring was full: we were too slow.',
    labels,
  },
  freezes: {
    name: 'floodwarden_capture_ring_full_total',
    kind: 'counter',
    help: 'Times the ring ran full and the kernel stopped writing to it.',
    labels,
  },
  blocks: {
    name: 'floodwarden_capture_blocks_total',
    kind: 'counter',
    help: 'Blocks of the ring that were walked; packets per block tell how busy it is.',
    labels,
  },
  linkUp: {
    name: 'floodwarden_capture_link_up',
    kind: 'gauge',
    help: '1 while the interface is there, switched on and has a carrier, else 0.',
    labels,
  },
  linkChanges: {
    name: 'floodwarden_capture_link_changes_total',
    kind: 'counter',
    help: 'Times the interface went down, came up, disappeared or came back.',
    labels,
  },
  ringBytes: {
    name: 'floodwarden_capture_ring_bytes',
    kind: 'gauge',
    help: 'Memory of the rings.',
    labels,
  },
} as const satisfies Record<string, MetricDeclaration>

/** All of them, as the registry and the reference pages take them. */
export const METRICS: readonly MetricDeclaration[] = Object.values(CAPTURE_METRICS)
