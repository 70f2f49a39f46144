// How long floods lasted before the operator's script ran: waited for, told in rows beside the peer, and held to bounds.

import { setTimeout as delay } from 'node:timers/promises'
import { atMost, type Gate } from './gate.ts'
import type { StampFolder } from './stamp-folder.ts'
import { OURS, PEER } from './starters.ts'
import { median } from './statistics.ts'
import type { Cell } from './table.ts'

const LOOK_MILLISECONDS = 20

/** Seconds from the first packet to the script; `undefined` for floods that were not found. */
export interface DelaySeries {
  readonly detector: string
  readonly title: string
  readonly delays: readonly (number | undefined)[]
}

/** A flood that is being sent. */
interface RunningFlood {
  readonly process: { kill(): unknown }
  readonly sent: Promise<unknown>
}

/** Waits for the ban of the target and ends the flood then: the seconds it took, `undefined` when the flood was over first. */
export async function delayUntilBan(
  flood: RunningFlood,
  folder: StampFolder,
  target: string,
): Promise<number | undefined> {
  let isOver = false
  const over = flood.sent.then(
    () => true,
    () => true,
  )
  void over.then(done => (isOver = done))
  for (;;) {
    const ban = folder.bans().find(({ host }) => host === target)
    if (ban !== undefined) {
      flood.process.kill()
      await over
      return ban.at - folder.firstSentAt()
    }
    if (isOver) return undefined
    await delay(LOOK_MILLISECONDS)
  }
}

const foundIn = ({ delays }: DelaySeries): number[] => delays.filter(seconds => seconds !== undefined)

export const DELAY_COLUMNS = [
  'detector',
  'found',
  'median s',
  'least s',
  'most s',
  "FastNetMon's / this",
] as const

/** The title, then DELAY_COLUMNS. */
export function delayRow(series: DelaySeries, all: readonly DelaySeries[]): Cell[] {
  const { detector, title, delays } = series
  const found = foundIn(series)
  const head = [title, detector, `${found.length} of ${delays.length}`]
  if (found.length === 0) return [...head, '-', '-', '-', '-']
  const peer = all.find(other => other.detector === PEER && other.title === title)
  const theirs = peer === undefined ? [] : foundIn(peer)
  const ratio = theirs.length === 0 ? '-' : median(theirs) / median(found)
  return [...head, median(found), Math.min(...found), Math.max(...found), ratio]
}

/** The median of our delays of this title; a flood that was not found counts as one that took for ever. */
export function delayGate(
  all: readonly DelaySeries[],
  title: string,
  { what, seconds }: { readonly what: string; readonly seconds: number },
): Gate[] {
  const ours = all.find(series => series.detector === OURS && series.title === title)
  if (ours === undefined) return []
  const delays = ours.delays.map(found => found ?? Number.POSITIVE_INFINITY)
  return [atMost(what, median(delays), seconds, 's')]
}
