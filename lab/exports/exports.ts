// Floods of flow export within a lab: the generator in a process of its own, beside the detector it sends to.

import { type Flood, reportOf } from '../flood.ts'
import type { Lab } from '../namespace.ts'
import type { ExportProtocol } from './datagrams.ts'

export interface ExportsOptions {
  readonly protocol: ExportProtocol
  readonly port: number
  /** Records per second. */
  readonly rate: number | 'max'
  readonly seconds: number
  readonly target?: string
  readonly sampling?: number
  readonly packets?: number
  readonly durationMs?: number
  readonly processor?: number
  readonly stamp?: string
}

const SEND = new URL('./send.ts', import.meta.url).pathname

/** Sends to the loopback of the lab's detector. The generator ends with the lab at the latest. */
export function startExports(lab: Lab, { durationMs, ...options }: ExportsOptions): Flood {
  const named = { ...options, 'duration-ms': durationMs }
  const words = Object.entries(named).flatMap(([name, value]) =>
    value === undefined ? [] : [`--${name}`, String(value)],
  )
  const child = lab.spawn('detector', [process.execPath, SEND, ...words], {
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const sent = reportOf(child)
  // A lab that is taken down early ends the generator; who does not ask for the report need not hear of it.
  sent.catch(() => {})
  return { process: child, sent }
}
