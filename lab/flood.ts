// Starts a generator in a lab's namespace, for tests and benches.

import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { z } from 'zod'
import type { Lab, Link } from './namespace.ts'
import type { ScenarioChanges, ScenarioName } from './scenario.ts'
import type { Sent } from './sent.ts'

export interface FloodOptions extends ScenarioChanges {
  readonly scenario: ScenarioName
  /** Default smooth. */
  readonly mode?: 'smooth' | 'burst'
  readonly seed?: number
  readonly processor?: number
  /** Default nobody's; `peer` is the receiving interface's own, so that its stack takes or forwards the packets. */
  readonly targetMac?: 'peer' | string
  readonly stamp?: string
}

export interface Flood {
  readonly process: ChildProcess
  /** What was sent, once the generator has ended; rejects when it failed. */
  readonly sent: Promise<Sent>
}

const GENERATE = new URL('./generate.ts', import.meta.url).pathname

export const sentSchema = z.object({
  sent: z.number(),
  bytes: z.number(),
  seconds: z.number(),
  pps: z.number(),
  busiestPps: z.number().exactOptional(),
  refused: z.number(),
  firstSentRealtimeNanos: z.string(),
}) satisfies z.ZodType<Sent>

/** Sends a scenario over the cable, from its `from` end to its `to` end. The generator ends with the lab at the latest. */
export function startFlood(lab: Lab, link: Link, options: FloodOptions): Flood {
  const end = options.mode === 'burst' ? link.to : link.from
  const named: Record<string, string | number | undefined> = {
    interface: end.interface,
    scenario: options.scenario,
    mode: options.mode,
    rate: options.rate,
    seconds: options.seconds,
    packets: options.packets,
    target: options.target,
    sources: options.sources,
    bytes: options.bytes,
    seed: options.seed,
    processor: options.processor,
    'target-mac': options.targetMac === 'peer' ? link.to.mac : options.targetMac,
    stamp: options.stamp,
  }
  const argv = Object.entries(named).flatMap(([name, value]) =>
    value === undefined ? [] : [`--${name}`, String(value)],
  )
  const child = lab.spawn(end.role, [process.execPath, GENERATE, ...argv], {
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const sent = reportOf(child)
  // A lab that is taken down early ends the generator; who does not ask for the report need not hear of it.
  sent.catch(() => {})
  return { process: child, sent }
}

/** What a generator reports when it has ended. */
export async function reportOf(child: ChildProcess): Promise<Sent> {
  let stdout = ''
  let stderr = ''
  child.stdout?.on('data', (chunk: Buffer) => (stdout += chunk))
  child.stderr?.on('data', (chunk: Buffer) => (stderr += chunk))
  const [code] = await once(child, 'close')
  if (code !== 0) throw new Error(`generator: exit ${code}: ${stderr.trim()}`)
  return sentSchema.parse(JSON.parse(stdout))
}
