// Floodwarden as its users start it: the launcher, with a configuration file, in the detector's namespace.

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { assert } from '#lib/assert.ts'
import { COUNTED, type Detector, type DetectorOptions, endProcess } from './detector.ts'

const LAUNCHER = new URL('../floodwarden', import.meta.url).pathname
const PORT = 9309
const READY_SECONDS = 30

export interface FloodwardenOptions extends DetectorOptions {
  readonly mode?: 'budget' | 'plain'
}

/** Starts it and waits until it captures. */
export async function startFloodwarden(options: FloodwardenOptions): Promise<Detector> {
  const { lab, reader, mode = 'budget' } = options
  const folder = mkdtempSync(join(tmpdir(), 'floodwarden-bench-'))
  const file = join(folder, 'floodwarden.yaml')
  writeFileSync(file, JSON.stringify(configOf(options), undefined, 2))
  const state = join(folder, 'state')
  const began = performance.now()
  const argv = [LAUNCHER, 'run', '--config', file, '--state', state, '--detection', mode]
  const child = lab.spawn('detector', argv, { stdio: ['ignore', 'ignore', 'inherit'] })
  const isCapturing = `floodwarden_capture_link_up{interface="${options.interface}"}`
  await reader.until(PORT, metrics => metrics.get(isCapturing) === 1, READY_SECONDS)
  assert(child.pid !== undefined, 'a process that answers has a number')
  return {
    name: mode === 'budget' ? 'Floodwarden' : `Floodwarden, ${mode}`,
    pid: child.pid,
    startSeconds: (performance.now() - began) / 1000,
    metrics: () => reader.read(PORT),
    settled: () => reader.settled(PORT, COUNTED),
    [Symbol.asyncDispose]: async () => {
      await endProcess(child, 'SIGTERM')
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

/** JSON is YAML. */
function configOf({ interface: name, networks, limit, script }: FloodwardenOptions): object {
  return {
    networks,
    capture: { interfaces: [name] },
    metrics: { listen: `127.0.0.1:${PORT}` },
    log: { level: 'error' },
    detection: {
      thresholds: { incoming: limit === undefined ? {} : { packetsPerSecond: limit }, outgoing: {} },
    },
    ...(script === undefined
      ? {}
      : { mitigation: { armed: true }, enforcement: { notifyScript: { path: script } } }),
  }
}
