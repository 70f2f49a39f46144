// The totals of both metrics endpoints, read as loosely as FastNetMon writes them: not every line has a space before its value.

import { z } from 'zod'
import { mustRun } from '../../lab/command.ts'
import type { Lab } from '../../lab/namespace.ts'

export interface Totals {
  /** When it was read, in milliseconds since 1970. */
  readonly at: number
  /** Packets since the start. */
  readonly processed: number
  /** By measure, direction and version: `total_traffic_packets incoming ipv4`. */
  readonly speeds: ReadonlyMap<string, number>
}

const SPEED = /^fastnetmon_(\w+)\{traffic_direction="(\w+)",\s*protocol_version="(\w+)"\}\s*(-?[\d.]+)$/
const PROCESSED = /^fastnetmon_total_simple_packets_processed\s+(\d+)/m

const READ = `const read = async port => {
  const text = await (await fetch('http://127.0.0.1:' + port + '/metrics')).text()
  return { at: Date.now(), text }
}
process.stdout.write(JSON.stringify(await Promise.all(process.argv.slice(1).map(read))))`

const readSchema = z.array(z.object({ at: z.number(), text: z.string() }))

/** Both at the same moment, by one process in their namespace. */
export async function totalsAt(lab: Lab, ports: readonly number[]): Promise<Totals[]> {
  const argv = [process.execPath, '--input-type=module', '-e', READ, ...ports.map(String)]
  const text = await mustRun(['ip', 'netns', 'exec', lab.namespace('detector'), ...argv])
  return readSchema.parse(JSON.parse(text)).map(({ at, text: page }) => ({
    at,
    processed: Number(PROCESSED.exec(page)?.[1]),
    speeds: speedsOn(page),
  }))
}

function speedsOn(page: string): ReadonlyMap<string, number> {
  const speeds = new Map<string, number>()
  for (const line of page.split('\n')) {
    const found = SPEED.exec(line)
    if (found !== null) speeds.set(`${found[1]} ${found[2]} ${found[3]}`, Number(found[4]))
  }
  return speeds
}
