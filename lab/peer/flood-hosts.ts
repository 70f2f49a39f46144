// Floods many hosts at the same time, each with its own traffic: one generator for those that end together.

import { once } from 'node:events'
import { sentSchema } from '../flood.ts'
import type { Lab, Link } from '../namespace.ts'
import type { Sent } from '../sent.ts'
import type { Traffic, TrafficPart } from '../traffic.ts'

const SEND = new URL('./send.ts', import.meta.url).pathname

/** Traffic of one host. */
export interface HostFlood {
  readonly pps: number
  readonly seconds: number
  /** Of the rate, by share. */
  readonly parts: readonly TrafficPart[]
}

/** What each generator sent, in the order in which their seconds first occur. */
export async function floodHosts(lab: Lab, link: Link, floods: readonly HostFlood[]): Promise<Sent[]> {
  const groups = Map.groupBy(floods, ({ seconds }) => seconds)
  return Promise.all(
    [...groups].map(([seconds, group], at) => send(lab, link, trafficOf(seconds, group), at + 1)),
  )
}

function trafficOf(seconds: number, floods: readonly HostFlood[]): Traffic {
  return {
    rate: floods.reduce((sum, { pps }) => sum + pps, 0),
    seconds,
    parts: floods.flatMap(({ pps, parts }) => {
      const shares = parts.reduce((sum, { share }) => sum + share, 0)
      return parts.map(part => ({ ...part, share: (pps * part.share) / shares }))
    }),
  }
}

async function send(lab: Lab, link: Link, traffic: Traffic, seed: number): Promise<Sent> {
  const words = [link.from.interface, String(seed), JSON.stringify(traffic)]
  const child = lab.spawn('generator', [process.execPath, SEND, ...words], {
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let stdout = ''
  let stderr = ''
  child.stdout?.on('data', (chunk: Buffer) => (stdout += chunk))
  child.stderr?.on('data', (chunk: Buffer) => (stderr += chunk))
  const [code] = await once(child, 'close')
  if (code !== 0) throw new Error(`generator: exit ${code}: ${stderr.trim()}`)
  return sentSchema.parse(JSON.parse(stdout))
}
