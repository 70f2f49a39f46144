// A detector's life from start to end: how soon it is ready, what memory it takes, how soon it ends.

import { setTimeout as delay } from 'node:timers/promises'
import { type FloodOptions, startFlood } from '../lab/flood.ts'
import { residentMegabytes } from './process-usage.ts'
import type { Stage } from './stage.ts'
import type { Start } from './starters.ts'
import { median } from './statistics.ts'

/** Longer than the product takes to give back what only its start needed. */
export const SETTLE_MILLISECONDS = 4000

/** Seconds, and memory in megabytes. */
export interface Life {
  readonly detector: string
  readonly startSeconds: number
  readonly idle: number
  /** After the flood, if there was one. */
  readonly touched: number
  readonly most: number
  readonly endSeconds: number
}

/** One life; the flood comes when the memory of the idle detector has been read. */
export async function live(stage: Stage, start: Start, network: string, flood?: FloodOptions): Promise<Life> {
  await using detector = await start({ stage, networks: [network] })
  await delay(SETTLE_MILLISECONDS)
  const idle = residentMegabytes(detector.pid).now
  if (flood !== undefined) {
    await startFlood(stage.lab, stage.link, flood).sent
    await detector.settled()
    await delay(SETTLE_MILLISECONDS)
  }
  const { now: touched, most } = residentMegabytes(detector.pid)
  const began = performance.now()
  await detector[Symbol.asyncDispose]()
  const endSeconds = (performance.now() - began) / 1000
  return { detector: detector.name, startSeconds: detector.startSeconds, idle, touched, most, endSeconds }
}

/** One life for each detector: the medians of its lives. */
export const middleLives = (lives: readonly Life[]): Life[] =>
  [...Map.groupBy(lives, life => life.detector)].map(([detector, found]) => {
    const of = (read: (life: Life) => number) => median(found.map(read))
    return {
      detector,
      startSeconds: of(life => life.startSeconds),
      idle: of(life => life.idle),
      touched: of(life => life.touched),
      most: of(life => life.most),
      endSeconds: of(life => life.endSeconds),
    }
  })
