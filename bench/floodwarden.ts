// Floodwarden as its users start it: the launcher, with a configuration file, in the detector's namespace.

import type { ChildProcess } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { assert } from '#lib/assert.ts'
import { COUNTED, type Detector, type DetectorOptions, endProcess, TELEMETRY_PORT } from './detector.ts'
import type { Metrics } from './metrics-reader.ts'

export const LAUNCHER = new URL('../floodwarden', import.meta.url).pathname
const PORT = 9309
const CAPTURES_SECONDS = 10

export interface FloodwardenOptions extends DetectorOptions {
  readonly mode?: 'budget' | 'plain'
}

/** Starts it and waits until it captures or listens. */
export async function startFloodwarden(options: FloodwardenOptions): Promise<Detector> {
  const { mode = 'budget' } = options
  const { lab, reader } = options.stage
  const folder = mkdtempSync(join(tmpdir(), 'floodwarden-bench-'))
  const file = join(folder, 'floodwarden.yaml')
  // JSON is YAML.
  writeFileSync(file, JSON.stringify(configOf(options), undefined, 2))
  const began = performance.now()
  const argv = [LAUNCHER, 'run', '--config', file, '--state', join(folder, 'state'), '--detection', mode]
  const child = lab.spawn('detector', argv, { stdio: ['ignore', 'pipe', 'inherit'] })
  await saysReady(child)
  const startSeconds = (performance.now() - began) / 1000
  await reader.until(PORT, metrics => isReceiving(metrics, options), CAPTURES_SECONDS)
  assert(child.pid !== undefined, 'a process that answers has a number')
  return {
    name: mode === 'budget' ? 'Floodwarden' : `Floodwarden, ${mode}`,
    pid: child.pid,
    startSeconds,
    metrics: () => reader.read(PORT),
    settled: () => reader.settled(PORT, COUNTED),
    [Symbol.asyncDispose]: async () => {
      await endProcess(child, 'SIGTERM')
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

function isReceiving(metrics: Metrics, { stage, source }: FloodwardenOptions): boolean {
  if (source !== 'telemetry')
    return metrics.get(`floodwarden_capture_link_up{interface="${stage.link.to.interface}"}`) === 1
  const listeners = [...metrics].filter(([name]) => name.startsWith('floodwarden_telemetry_listening{'))
  return listeners.length === LISTENERS.length && listeners.every(([, value]) => value === 1)
}

const LISTENERS = Object.values(TELEMETRY_PORT).map(port => `127.0.0.1:${port}`)

/** Its log says so; the rest of the log is read and forgotten, so that its pipe never fills. */
async function saysReady(child: ChildProcess): Promise<void> {
  assert(child.stdout !== null, 'the log is a pipe')
  const ready = new Promise<void>((resolve, reject) => {
    child.once('exit', code => reject(new Error(`floodwarden ended with ${code} before it was ready`)))
    createInterface({ input: child.stdout! }).on('line', line => {
      if (line.includes('"message":"ready"')) resolve()
    })
  })
  await ready
}

function configOf({ stage, networks, limit, script, source }: FloodwardenOptions): object {
  return {
    ...settingsOf(networks, limit),
    ...(source === 'telemetry'
      ? { telemetry: { listen: LISTENERS } }
      : { capture: { interfaces: [stage.link.to.interface] } }),
    metrics: { listen: `127.0.0.1:${PORT}` },
    log: { level: 'info', format: 'json' },
    ...(script === undefined
      ? {}
      : { mitigation: { armed: true }, enforcement: { notifyScript: { path: script } } }),
  }
}

/** What is watched, and which packets per second towards a host are an attack. */
export const settingsOf = (networks: readonly string[], limit: number | undefined): object => ({
  networks,
  detection: {
    thresholds: { incoming: limit === undefined ? {} : { packetsPerSecond: limit }, outgoing: {} },
  },
})
