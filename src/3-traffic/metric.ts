// What is counted for each host and direction: one list of names and positions that counters, speeds,
// thresholds and reports share.

/** Position of each metric in a row of speeds or deltas (one row per direction). */
export const METRIC = {
  packets: 0,
  bytes: 1,
  tcpPackets: 2,
  tcpBytes: 3,
  udpPackets: 4,
  udpBytes: 5,
  icmpPackets: 6,
  icmpBytes: 7,
  synPackets: 8,
  synBytes: 9,
  fragmentPackets: 10,
  fragmentBytes: 11,
  droppedPackets: 12,
  droppedBytes: 13,
  flows: 14,
} as const

export type Metric = keyof typeof METRIC

/** Numbers in a row: 15 metrics and one spare, so that rows align. */
export const ROW = 16
/** Where the row of each direction begins in a host's pair of rows. */
export const INCOMING = 0
export const OUTGOING = ROW

/** Speeds of one host in one direction: packets, bytes and flows per second. */
export type Speeds = Readonly<Record<Metric, number>>

/** A pair of rows (32 numbers, incoming first) as named speeds of one direction. */
export function speedsOf(rows: ArrayLike<number>, base: typeof INCOMING | typeof OUTGOING): Speeds {
  const speeds = {} as Record<Metric, number>
  for (const [name, at] of Object.entries(METRIC)) speeds[name as Metric] = rows[base + at] ?? 0
  return speeds
}

/** All zero: a host without traffic, or a manual ban of a host never seen. */
export const NO_SPEEDS: Speeds = speedsOf(new Float64Array(ROW * 2), INCOMING)

/** Adds a row to sums that begin at `base`. Packets and bytes stand in pairs, most of which are zero in most rows. */
export function addRow(sums: Float64Array, base: number, row: Float64Array): void {
  for (let metric = 0; metric < METRIC.flows; metric += 2) {
    const packets = row[metric]!
    if (packets === 0) continue
    sums[base + metric]! += packets
    sums[base + metric + 1]! += row[metric + 1]!
  }
  const flows = row[METRIC.flows]!
  if (flows !== 0) sums[base + METRIC.flows]! += flows
}
