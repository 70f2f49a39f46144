// The totals on a metrics endpoint, read as loosely as FastNetMon writes them: not every line has a space before its value.

import type { Lab } from '../../lab/namespace.ts'
import { metricsText } from '../metrics-endpoint.ts'

const SAMPLE = /^fastnetmon_(\w+)\{traffic_direction="(\w+)",\s*protocol_version="(\w+)"\}\s*(-?[\d.]+)$/

/** By measure, direction and version: `total_traffic_packets incoming ipv4`. */
export async function totalsAt(lab: Lab, port: number): Promise<ReadonlyMap<string, number>> {
  const text = await metricsText(lab, port)
  const totals = new Map<string, number>()
  for (const line of text.split('\n')) {
    const sample = SAMPLE.exec(line)
    if (sample !== null) totals.set(`${sample[1]} ${sample[2]} ${sample[3]}`, Number(sample[4]))
  }
  return totals
}
