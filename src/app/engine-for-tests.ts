// An engine over a counting worker in plain memory, for tests: frames in, tick by tick, events out.

import { type CountingSetup, countingSetup, type TestFrame } from '#3-traffic/counting-for-tests.ts'
import type { Moment } from '#4-detection/ban.ts'
import { buildFrame } from '../../lab/frame.ts'
import type { Layer } from '../../lab/layer.ts'
import { countingOf } from './capture/counting-options.ts'
import { type Config, configSchema, type ResolvedConfig } from './config/config.ts'
import { Engine } from './engine.ts'
import type { EngineEvent } from './engine-event.ts'

export const WALL = Date.UTC(2026, 0, 1)
const SEED = 0x5eed
/** Frames that fit in one block of the worker's memory. */
const BLOCK_FRAMES = 3000

/** Hosts whose memory is reserved, unless a test wants more. */
const HOSTS_MAX = 1024

/** A configuration as a file would give it, with `networks` already resolved. */
export function configWith(
  settings: { readonly traffic?: object; readonly [name: string]: unknown },
  networks: string[] = ['10.0.0.0/24', '2001:db8::/64'],
): ResolvedConfig {
  const traffic = { hostsMax: HOSTS_MAX, ...settings.traffic }
  const config: Config = configSchema.parse({ ...settings, traffic })
  return { ...config, networks }
}

export interface EngineLab {
  readonly engine: Engine
  readonly worker: CountingSetup
  readonly config: ResolvedConfig
  now(): Moment
  /** Puts the wall clock forward or back, and with it that of the packets. */
  turnWallClock(milliseconds: number): void
  /** Counts frames in the tick in progress, with its time. */
  send(frames: readonly Uint8Array[], wire?: number): void
  /** Ends the tick. */
  tick(): readonly EngineEvent[]
  /** Sends the same frames in each tick for so long; all events. */
  run(seconds: number, frames?: readonly Uint8Array[]): EngineEvent[]
}

export async function engineLab(config: ResolvedConfig): Promise<EngineLab> {
  const { incoming, outgoing, internal, flows, lengthFromIp, innerTunnels, idleWindows, hostsMax } =
    countingOf(config, SEED)
  const worker = await countingSetup(config.networks, {
    ...{ incoming, outgoing, internal, flows, lengthFromIp, innerTunnels, idleWindows, hostsMax, seed: SEED },
  })
  const { samplingRate } = config.capture
  const engine = new Engine(config, [{ tables: worker.tables, samplingRate }])
  let ticks = 0
  let turned = 0
  const now = (): Moment => ({
    seconds: (ticks * engine.tickMs) / 1000,
    wallMs: WALL + turned + ticks * engine.tickMs,
  })
  engine.start(now())
  worker.counting.syncEpoch()
  const send = (frames: readonly Uint8Array[], wire?: number): void => {
    const { wallMs } = now()
    const time = { seconds: Math.floor(wallMs / 1000), nanoseconds: (wallMs % 1000) * 1e6 }
    for (let from = 0; from < frames.length; from += BLOCK_FRAMES) {
      const block = frames.slice(from, from + BLOCK_FRAMES)
      worker.block(block.map((bytes): TestFrame => ({ bytes, wire: wire ?? bytes.length, ...time })))
    }
  }
  const tick = () => {
    ticks++
    const events = [...engine.tick(now()), ...engine.distil()]
    worker.counting.syncEpoch()
    return events
  }
  return {
    engine,
    worker,
    config,
    now,
    turnWallClock: milliseconds => {
      turned += milliseconds
    },
    send,
    tick,
    run: (seconds, frames = []) =>
      Array.from({ length: Math.round((seconds * 1000) / engine.tickMs) }, () => {
        send(frames)
        return tick()
      }).flat(),
  }
}

/** `count` frames to a host from as many sources. */
export function flood(target: string, count: number, transport: Layer = UDP): Uint8Array[] {
  const isV6 = target.includes(':')
  const source = isV6 ? '3fff::1' : '198.18.0.1'
  const frame = buildFrame([
    { kind: 'ethernet' },
    { kind: isV6 ? 'ipv6' : 'ipv4', source, target },
    transport,
  ])
  // The last two bytes of the source, so that each is a flow of its own.
  const at = isV6 ? 14 + 22 : 14 + 14
  return Array.from({ length: count }, (_, number) => {
    const copy = frame.slice()
    copy[at] = number >> 8
    copy[at + 1] = number & 255
    return copy
  })
}

export const UDP: Layer = { kind: 'udp', sourcePort: 53, targetPort: 4000 }
export const SYN: Layer = { kind: 'tcp', sourcePort: 1234, targetPort: 80, flags: ['syn'] }

/** Frames as if the host had sent them. */
export const fromHost = (source: string, count: number): Uint8Array[] =>
  Array.from({ length: count }, (_, number) =>
    buildFrame([
      { kind: 'ethernet' },
      { kind: 'ipv4', source, target: `198.18.${number >> 8}.${number & 255}` },
      UDP,
    ]),
  )
